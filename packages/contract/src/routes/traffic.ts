import { z } from 'zod';
import { Name } from '../words.ts';
import { type RouteSpec, target } from './route.ts';

/** Null: no answer was timed. From the arrival of a request to the last byte of its answer; at most 1.6 % off. */
const ms = z.number().nullable();

const summary = {
  requests: z.int(),
  /** Errors of the service (status 500 and over), of the router in its place, and answers that broke off. */
  failed: z.int(),
  perSecond: z.number(),
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
};

export const ReleaseTraffic = z.object({
  version: z.int(),
  live: z.boolean(),
  ...summary,
  /** failed / requests: 0 to 1 */
  errorRate: z.number(),
  /** What `failed` is made of. */
  failures: z.object({ service: z.int(), router: z.int(), broken: z.int() }),
  /** Clients that left before the end of their answer: nobody's failure, and not timed. */
  aborted: z.int(),
  /** WebSockets, event streams, and answers that went on for over 10 s: not timed. */
  streams: z.int(),
  /** For a chart, oldest first; a point without a request is left out. */
  points: z.array(z.object({ at: z.iso.datetime(), ...summary })),
});
export type ReleaseTraffic = z.infer<typeof ReleaseTraffic>;

export const TrafficView = z.object({
  service: Name,
  environment: Name,
  /** What was looked at: `seconds` and what makes it whole points. Rates are over all of it. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** How long each point is. */
  pointSeconds: z.int(),
  /** How long after its end a request may be missing. */
  delayMs: z.int(),
  /** Those with requests, newest first. */
  releases: z.array(ReleaseTraffic),
});
export type TrafficView = z.infer<typeof TrafficView>;

const seconds = z.coerce.number().int().min(10).max(691_200).default(300);

export const trafficRoutes = {
  traffic: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/traffic',
    policy: 'read',
    summary:
      "Users' requests of the last `seconds`, 8 days at most, by release: rates, failures and percentiles of their times.",
    params: target,
    query: z.object({ seconds }),
    answer: TrafficView,
  },
  streamTraffic: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/traffic/stream',
    policy: 'read',
    summary: 'The same as messages, each the whole of it: now, and whenever more was counted.',
    params: target,
    query: z.object({
      seconds,
      after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    }),
    answer: { stream: TrafficView },
  },
  metrics: {
    method: 'GET',
    path: '/api/metrics',
    policy: 'read',
    summary: "For Prometheus, in its text format: users' requests by release, open work, the server that answers.",
    answer: 'bytes',
  },
} as const satisfies Record<string, RouteSpec>;
