import { minuteMs, stepMs } from './collect.ts';
import { addedUp, type Counted } from './counted.ts';
import { percentile } from './latencies.ts';

/** What people want to know of a number of requests. */
export interface Summary {
  readonly requests: number;
  /** Errors of the service and of the router in its place, and answers that broke off. A client that left is none. */
  readonly failed: number;
  /** failed / requests; 0 without requests. */
  readonly errorRate: number;
  readonly perSecond: number;
  /** Null: nothing was timed. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export function summary(counted: readonly Counted[], ms: number): Summary & { readonly all: Counted } {
  const all = addedUp(counted);
  const failed = all.serviceErrors + all.routerErrors + all.broken;
  return {
    all,
    requests: all.requests,
    failed,
    errorRate: all.requests === 0 ? 0 : failed / all.requests,
    perSecond: ms <= 0 ? 0 : rounded(all.requests / (ms / 1_000)),
    p50Ms: time(all, 0.5),
    p95Ms: time(all, 0.95),
    p99Ms: time(all, 0.99),
  };
}

const time = ({ latencies }: Counted, share: number): number | null => {
  const ms = percentile(latencies, share);
  return ms === null ? null : rounded(ms);
};

/** Two decimals; under 0.01 two digits: once in an hour is not never. */
const rounded = (value: number): number =>
  value >= 0.01 ? Math.round(value * 100) / 100 : Number(value.toPrecision(2));

/** More points than that make no better chart. */
const mostPoints = 240;

/** A time to look at, in ms since 1970. Both ends lie between two points. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** The width of a point of the chart. */
  readonly pointMs: number;
}

/** The last so many seconds, in points that the series can tell apart. */
export function windowOf(now: number, seconds: number): Window {
  const ms = seconds * 1_000;
  const pointMs = ms <= mostPoints * stepMs ? stepMs : Math.ceil(ms / mostPoints / minuteMs) * minuteMs;
  return { from: Math.floor((now - ms) / pointMs) * pointMs, to: now, pointMs };
}

/**
 * The end of what is known: while requests come, when they were looked at last; else, after some silence, now. With now for both a rate
 * would be too low by what was not looked at yet.
 */
export function knownUntil(lastLook: number | null, now: number): number {
  return lastLook !== null && lastLook <= now && now - lastLook < stepMs ? lastLook : now;
}
