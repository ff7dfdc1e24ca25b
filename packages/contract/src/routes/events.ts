import { z } from 'zod';
import { EventName } from '../events.ts';
import { Name } from '../words.ts';
import { type RouteSpec, Since } from './route.ts';

/** What happened, as the audit keeps it. */
export const EventView = z.object({
  id: z.int(),
  name: z.string(),
  /** A token's name, or `towpath`. */
  actor: z.string(),
  /** `run/219`, `deployment/34`, `target/7`, `service/3`. */
  subject: z.string(),
  /** Null: it belongs to no project. */
  project: Name.nullable(),
  /** What a reader needs to know what to look at again. */
  data: z.record(z.string(), z.unknown()),
  at: z.iso.datetime(),
});
export type EventView = z.infer<typeof EventView>;

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const eventRoutes = {
  listEvents: {
    method: 'GET',
    path: '/api/events',
    policy: 'read',
    summary: 'What happened, oldest first after `after`; or newest first before `before`.',
    query: z.object({
      after: position.default(0),
      before: position.optional(),
      order: z.enum(['oldest', 'newest']).default('oldest'),
      project: z.string().optional(),
      service: z.string().optional(),
      subject: z.string().optional(),
      name: EventName.optional(),
      since: Since.optional(),
      /** Without the steps on the way: stages, what a deployment does, replicas. */
      brief: z.stringbool().default(false),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    answer: z.object({
      events: z.array(EventView),
      /** What to give for the next page, as `after`, or as `before` where the newest are first; null: these were the last ones. */
      next: z.int().nullable(),
    }),
  },
  streamEvents: {
    method: 'GET',
    path: '/api/events/stream',
    policy: 'read',
    summary: 'What happens, in one order, of one project or of all; from now on, or after the event `after`.',
    query: z.object({ project: z.string().optional(), subject: z.string().optional(), after: position.optional() }),
    answer: { stream: EventView },
  },
} as const satisfies Record<string, RouteSpec>;
