import type { Latencies, ReleaseStats } from '@towpath/contract/router';
import { furtherLatencies, latenciesSince, merged, shareOf, shareOfLatencies } from './latencies.ts';

/** How many requests ended how. */
export interface Ends {
  readonly requests: number;
  /** Answers of the service with a status of 500 or more. */
  readonly serviceErrors: number;
  /** Answers of the router with a status of 500 or more, in place of the service's. */
  readonly routerErrors: number;
  /** Answers that broke off before their end. */
  readonly broken: number;
  /** The client left before the end of its answer. */
  readonly aborted: number;
  /** WebSockets, event streams and the like: not timed. */
  readonly streams: number;
}

/** A number of requests: how they ended, and how long those that were timed took. */
export interface Counted extends Ends {
  readonly latencies: Latencies;
}

export const nothingCounted: Counted = {
  requests: 0,
  serviceErrors: 0,
  routerErrors: 0,
  broken: 0,
  aborted: 0,
  streams: 0,
  latencies: [],
};

export function countedOf(stats: ReleaseStats): Counted {
  const { requests, status5xx, routerErrors, broken, aborted, streams, latencies } = stats;
  const serviceErrors = Math.max(0, status5xx - routerErrors);
  return { requests, serviceErrors, routerErrors, broken, aborted, streams, latencies };
}

/** Each number of both, made one. */
function each(a: Ends, b: Ends, make: (ofA: number, ofB: number) => number): Ends {
  return {
    requests: make(a.requests, b.requests),
    serviceErrors: make(a.serviceErrors, b.serviceErrors),
    routerErrors: make(a.routerErrors, b.routerErrors),
    broken: make(a.broken, b.broken),
    aborted: make(a.aborted, b.aborted),
    streams: make(a.streams, b.streams),
  };
}

export const addedUp = (all: readonly Counted[]): Counted => ({
  ...all.reduce<Ends>((sum, one) => each(sum, one, (a, b) => a + b), nothingCounted),
  latencies: merged(all.map(({ latencies }) => latencies)),
});

/** What was counted between two looks at the same start of a router. Looks that come in the wrong order give nothing, never less. */
export const countedSince = (before: Counted, now: Counted): Counted => ({
  ...each(before, now, (ofBefore, ofNow) => Math.max(0, ofNow - ofBefore)),
  latencies: latenciesSince(before.latencies, now.latencies),
});

/** The later of two looks at the same start of a router, in whatever order they come: counts only grow. */
export const further = (a: Counted, b: Counted): Counted => ({
  ...each(a, b, Math.max),
  latencies: furtherLatencies(a.latencies, b.latencies),
});

/** Shared out evenly over so many parts, in whole requests; all parts together are the whole. */
export const shares = (whole: Counted, parts: number): Counted[] =>
  Array.from({ length: parts }, (_, index) => ({
    ...each(whole, whole, (count) => shareOf(count, index, parts)),
    latencies: shareOfLatencies(whole.latencies, index, parts),
  }));

export const isNothing = ({ latencies, ...ends }: Counted): boolean =>
  latencies.length === 0 && Object.values(ends).every((count) => count === 0);
