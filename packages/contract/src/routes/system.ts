import { z } from 'zod';
import type { RouteSpec } from './route.ts';

/** One thing that was looked at. */
export const CheckView = z.object({
  /** `router`, `disk space`, `go` */
  name: z.string(),
  /** `absent`: only some services would need it. `warning`: something will not work, the rest does. */
  status: z.enum(['ok', 'absent', 'warning', 'broken']),
  /** What was found, in plain words. */
  found: z.string(),
  /** What to do; null when there is nothing to do. */
  help: z.string().nullable(),
});
export type CheckView = z.infer<typeof CheckView>;

export const systemRoutes = {
  doctor: {
    method: 'GET',
    path: '/api/doctor',
    policy: 'read',
    summary:
      'Looks at everything that Towpath needs on its host: its parts, the disk, the programs that stages can use.',
    answer: z.object({
      checks: z.array(CheckView),
      version: z.string(),
      /** The clock of the server. */
      at: z.iso.datetime(),
      /** Services answer below this name, at this address. */
      domain: z.string(),
      appsUrl: z.url(),
    }),
  },
} as const satisfies Record<string, RouteSpec>;
