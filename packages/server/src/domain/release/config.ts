import { z } from 'zod';
import { HealthSettings } from '../path/settings.ts';

/** All that a release needs besides its artifact and its sealed secrets: a copy, so that later changes don't reach back. */
export const ReleaseConfig = z.object({
  start: z.union([
    z.object({ kind: z.literal('command'), command: z.string() }),
    z.object({ kind: z.literal('static'), folder: z.string() }),
  ]),
  /** Folder inside the artifact that the service lives in. */
  folder: z.string(),
  /** Folders of programs inside that one, put before the PATH. */
  path: z.array(z.string()).default([]),
  health: HealthSettings,
  drainMs: z.int(),
  /** Variables of the settings; those of the config below win. */
  env: z.record(z.string(), z.string()).default({}),
  /** Plain environment variables. */
  variables: z.record(z.string(), z.string()),
});
export type ReleaseConfig = z.infer<typeof ReleaseConfig>;
