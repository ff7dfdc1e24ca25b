import { z } from 'zod';
import { Id, Name, Status } from '../words.ts';

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

/** In a path or query everything is text. */
export const id = z.coerce.number().pipe(Id);
/** So many at most; the next page goes on where `next` says. */
export const pageLimit = z.coerce.number().int().min(1).max(200).default(20);
/** A moment, with its offset from UTC. */
export const Since = z.iso.datetime({ offset: true });

/** What lists of deployments and jobs may be asked for. */
export const Targeted = z.object({
  service: z.string().optional(),
  environment: Name.optional(),
  status: Status.optional(),
  since: Since.optional(),
  before: id.optional(),
  limit: pageLimit,
});

/** A service in an environment, in a path. */
export const target = z.object({ service: z.string(), environment: Name });
