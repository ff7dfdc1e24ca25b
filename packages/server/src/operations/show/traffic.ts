import type { RecentTraffic, ReleaseTraffic } from '@towpath/contract';
import { knownUntil, summary, windowOf } from '../../domain/traffic/summary.ts';
import { lookMs } from '../../insights/collector.ts';
import type { Db } from '../../store/connect.ts';
import { recentTraffic, type TrafficPoint } from '../../store/traffic-series.ts';

const recentSeconds = 60;

type Board = ReadonlyMap<number, RecentTraffic>;
/** The series grows every `lookMs`: those who ask within that time share an answer, which for a thousand busy services takes 50 ms to make. */
const shared = new WeakMap<Db, { readonly at: number; readonly board: Promise<Board> }>();

/** By target, those with a request in the last minute. */
export function trafficBoard(db: Db, now: number): Promise<Board> {
  const last = shared.get(db);
  if (last !== undefined && now >= last.at && now - last.at < lookMs) return last.board;
  const board = readBoard(db, now);
  shared.set(db, { at: now, board });
  board.catch(() => shared.delete(db));
  return board;
}

async function readBoard(db: Db, now: number): Promise<Board> {
  const { from } = windowOf(now, recentSeconds);
  const found = await recentTraffic(db, from);
  return new Map(
    [...found].map(([target, { until, counted }]) => {
      const { perSecond, errorRate, p95Ms } = summary([counted], knownUntil(until, now) - from);
      return [target, { perSecond, errorRate, p95Ms }];
    }),
  );
}

/** One release's requests from `from` to `to`, in points of so many ms. */
export function releaseTraffic(
  version: number,
  live: boolean,
  points: readonly TrafficPoint[],
  window: { readonly from: number; readonly to: number; readonly pointMs: number },
): ReleaseTraffic {
  const { all, ...whole } = summary(
    points.map(({ counted }) => counted),
    window.to - window.from,
  );
  const { serviceErrors: service, routerErrors: router, broken, aborted, streams } = all;
  return {
    version,
    live,
    ...whole,
    failures: { service, router, broken },
    aborted,
    streams,
    points: points.map(({ at, counted }) => {
      const ms = Math.min(window.to, at + window.pointMs) - Math.max(window.from, at);
      const { requests, failed, perSecond, p50Ms, p95Ms, p99Ms } = summary([counted], ms);
      return { at: new Date(at).toISOString(), requests, failed, perSecond, p50Ms, p95Ms, p99Ms };
    }),
  };
}
