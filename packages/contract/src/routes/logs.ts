import { z } from 'zod';
import { Id, Status } from '../words.ts';
import type { RouteSpec } from './route.ts';
import { target } from './route.ts';

const id = z.coerce.number().pipe(Id);
const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const follow = z.stringbool().default(false);

const tail = z.coerce.number().int().min(0).max(1_000_000).default(20_000);

/** Which attempt of which stage (`unit`, `deploy/staging`); the newest when none is named. */
const ofStage = { stage: z.string(), attempt: id.optional() };

/** A piece of a log; no character is in two of them. */
const LogMessage = z.object({
  /** Bytes of the log before it. */
  offset: z.int(),
  /** Where it goes on: the message's id. */
  next: z.int(),
  /** When the first of it was printed, or a moment later. */
  at: z.iso.datetime(),
  text: z.string(),
});

const LogEnd = z.object({
  /** Bytes of the log. */
  offset: z.int(),
  status: Status,
  /** Not all that was printed is there: it was more than is kept, or it is no longer kept. */
  truncated: z.boolean(),
});

const messages = { stream: LogMessage, end: LogEnd };

export const logRoutes = {
  runLog: {
    method: 'GET',
    path: '/api/runs/:run/log',
    policy: 'read',
    summary: 'Output of one attempt of a stage (`unit`, `deploy/staging`); the newest when none is named.',
    params: z.object({ run: id }),
    query: z.object({ ...ofStage, offset: position.default(0), follow }),
    answer: 'bytes',
  },
  streamRunLog: {
    method: 'GET',
    path: '/api/runs/:run/log/stream',
    policy: 'read',
    summary: 'The same as messages, from `after` on and as it is printed, until the attempt has ended.',
    params: z.object({ run: id }),
    query: z.object({ ...ofStage, after: position.default(0) }),
    answer: messages,
  },
  searchRunLog: {
    method: 'GET',
    path: '/api/runs/:run/log/search',
    policy: 'read',
    summary: 'The lines of the same that have the text `q`, in capitals or not; those behind the line `after`.',
    params: z.object({ run: id }),
    query: z.object({
      ...ofStage,
      q: z.string().min(1).max(1_000),
      after: position.default(0),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
    answer: z.object({
      matches: z.array(
        z.object({
          /** From 1. */
          line: z.int(),
          /** Bytes of the log before the line. */
          offset: z.int(),
          /** The line, without what colours it; of a long one the part around the match. */
          text: z.string(),
        }),
      ),
      more: z.boolean(),
    }),
  },
  jobLog: {
    method: 'GET',
    path: '/api/jobs/:job/log',
    policy: 'read',
    summary: 'What the job prints, without secrets, from a byte offset.',
    params: z.object({ job: id }),
    query: z.object({ offset: position.default(0), follow }),
    answer: 'bytes',
  },
  streamJobLog: {
    method: 'GET',
    path: '/api/jobs/:job/log/stream',
    policy: 'read',
    summary: 'The same as messages, from `after` on and as it is printed, until the job has ended.',
    params: z.object({ job: id }),
    query: z.object({ after: position.default(0) }),
    answer: messages,
  },
  serviceLog: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/log',
    policy: 'read',
    summary: 'What the replicas printed, without secrets: the last `tail` bytes of each.',
    params: target,
    query: z.object({ tail }),
    answer: 'bytes',
  },
  streamServiceLog: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/log/stream',
    policy: 'read',
    summary:
      'What the replicas print, over restarts and new releases: from `after` on, else the last `tail` bytes of each, and what comes.',
    params: target,
    query: z.object({ tail, after: z.string().max(10_000).optional() }),
    answer: { stream: LogMessage.extend({ replica: z.string() }) },
  },
} as const satisfies Record<string, RouteSpec>;
