import { durationMs, processDefaults, settingDefaults } from '@towpath/contract';
import { z } from 'zod';
import { HealthSettings } from '../path/settings.ts';
import { Toolchain } from '../runtime/toolchain.ts';

/** What runs besides http. A job runs when it is asked for. */
const ReleaseProcess = z.object({
  kind: z.enum(['worker', 'job']),
  command: z.string(),
  /** Of a worker, until `towpath scale` says otherwise. */
  replicas: z.int().min(0).default(processDefaults.replicas),
  /** A worker of the next release starts before this one stops, or after it. */
  swap: z.enum(['overlap', 'exclusive']).default(processDefaults.swap),
});

/**
 * All that a release needs besides its artifact and its sealed secrets: a copy, so that later changes don't reach back. What has a
 * default came later than the first releases did: rows of before are read with it.
 */
export const ReleaseConfig = z.object({
  /** Null: no http process, nothing is routed. */
  start: z
    .union([
      z.object({ kind: z.literal('command'), command: z.string() }),
      z.object({ kind: z.literal('static'), folder: z.string() }),
    ])
    .nullable(),
  /** Folder inside the artifact that the service lives in. */
  folder: z.string(),
  /** Folders of programs inside that one, put before the PATH. */
  path: z.array(z.string()).default([]),
  /** What its commands run with, behind those and before the PATH. */
  toolchains: z.array(Toolchain).default([]),
  health: HealthSettings,
  drainMs: z.int(),
  /** Workers and jobs, by name. */
  processes: z.record(z.string(), ReleaseProcess).default({}),
  /** Run before the release goes live; null: nothing is. */
  release: z.string().nullable().default(null),
  /** The folder that the environment keeps over releases, as the settings name it; null: none. */
  data: z.string().nullable().default(null),
  /** The longest that the release command and a job may take, in ms. */
  commandMs: z
    .int()
    .positive()
    .default(durationMs(settingDefaults.timeouts.stage) ?? 0),
  /** Plain variables of the settings: those of the environment's config win. */
  env: z.record(z.string(), z.string()).default({}),
  /** Plain environment variables of the environment's config. */
  variables: z.record(z.string(), z.string()),
});
export type ReleaseConfig = z.infer<typeof ReleaseConfig>;

/** As a new release is asked for: what has a default may be left out. */
export type ReleaseConfigInput = z.input<typeof ReleaseConfig>;

/** What a map holds under a name that people chose, as `constructor`: not what every object has. */
export function own<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** The workers of a release, by name. */
export function workersOf(config: Pick<ReleaseConfig, 'processes'>): [string, ReleaseConfig['processes'][string]][] {
  return Object.entries(config.processes).filter(([, process]) => process.kind === 'worker');
}
