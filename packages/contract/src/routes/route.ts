import { z } from 'zod';
import { Name } from '../words.ts';

/** What a token must be allowed to do; `public` needs none. */
export const Verb = z.enum([
  'read',
  'service.create',
  'service.write',
  'project.write',
  'environment.write',
  'environment.remove',
  'teardown',
  'deploy',
  'promote',
  'rollback',
  'approve',
  'cancel',
  'rerun',
  'hold',
  'scale',
  'job.run',
  'exec',
  'config.read',
  'config.write',
  'push',
  'session.code',
]);
export type Verb = z.infer<typeof Verb>;

export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly policy: Verb | 'public';
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** `bytes`: a stream of text, sent as it comes. */
  readonly answer: z.ZodType | 'bytes' | StreamAnswer;
}

/**
 * Server-sent events (`text/event-stream`), each `id: <position>` and `data: <JSON>`. A lost one is taken up again with the last id, as
 * the header `Last-Event-ID` or as `after` in the query (the header wins), which every such route has.
 */
export interface StreamAnswer {
  /** The data of each message. */
  readonly stream: z.ZodType;
  /** The data of the last message, `event: end`, of a stream that comes to an end by itself. */
  readonly end?: z.ZodType;
}

/** A service in an environment, in a path. */
export const target = z.object({ service: z.string(), environment: Name });
