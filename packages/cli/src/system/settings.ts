import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { TowpathError } from '@towpath/contract';
import { defaultPushBytes } from '@towpath/server/config';
import { z } from 'zod';
import { onDisk, replaceFile } from './file.ts';

export const bytesOfMi = 1024 ** 2;

export const HostPort = z.object({ host: z.string().min(1), port: z.int().min(0).max(65535) });
export type HostPort = z.infer<typeof HostPort>;

const Account = z.object({ name: z.string(), uid: z.int(), gid: z.int() });

/** What `up` was told once and keeps: `<data>/towpath.json`. A later `up` without flags uses it again. */
export const Settings = z.object({
  /** Grows when an older Towpath could no longer read this file. */
  format: z.literal(1),
  /** New with every installation. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  domain: z.string(),
  /** Where users' requests arrive. */
  listen: HostPort,
  /** Where the API and git are reached. */
  control: HostPort,
  servers: z.int().min(1).max(9),
  /** Largest push that is taken, in MiB; a file of before has none. */
  maxPushMi: z
    .int()
    .min(1)
    .default(defaultPushBytes / bytesOfMi),
  database: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('embedded'),
      /** Started by root, the account that PostgreSQL runs under. */
      account: Account.nullable(),
      /** Where PostgreSQL is kept when its account cannot reach the data folder; null: below the data folder. */
      place: z.string().nullable(),
    }),
    z.object({ kind: z.literal('external') }),
  ]),
  /** Which master key the secrets were sealed with; null until it was generated. */
  keyId: z.string().nullable(),
  /** What stages and services inherit: the environment of the first `up`, as far as it is of use to a build. */
  env: z.record(z.string(), z.string()),
});
export type Settings = z.infer<typeof Settings>;

/** What a command line may say about the settings; what is left out stays as it is. */
export interface Wishes {
  readonly domain?: string | undefined;
  readonly listen?: HostPort | undefined;
  readonly control?: HostPort | undefined;
  readonly servers?: number | undefined;
  readonly maxPushMi?: number | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** The settings of a new installation; its database is embedded until `up` decides otherwise. */
export function firstSettings(env: Readonly<Record<string, string>>): Settings {
  return {
    format: 1,
    id: randomBytes(6).toString('hex'),
    domain: 'localhost',
    listen: { host: '127.0.0.1', port: 8080 },
    control: { host: '127.0.0.1', port: 7070 },
    servers: 1,
    maxPushMi: defaultPushBytes / bytesOfMi,
    database: { kind: 'embedded', account: null, place: null },
    keyId: null,
    env: { ...env },
  };
}

export function applyWishes(settings: Settings, wishes: Wishes): Settings {
  return {
    ...settings,
    domain: wishes.domain ?? settings.domain,
    listen: wishes.listen ?? settings.listen,
    control: wishes.control ?? settings.control,
    servers: wishes.servers ?? settings.servers,
    maxPushMi: wishes.maxPushMi ?? settings.maxPushMi,
    env: { ...(wishes.env ?? settings.env) },
  };
}

/** Reads the settings, or null when there are none yet. Errors: `unusable_folder` when they are not understood. */
export function readSettings(path: string): Settings | null {
  if (!existsSync(path)) return null;
  const parsed = Settings.safeParse(parseJson(path));
  if (parsed.success) return parsed.data;
  throw new TowpathError('unusable_folder', `${path} is not understood: ${z.prettifyError(parsed.error)}`, {
    help: 'A newer Towpath may have written it: run that one, or choose another --data folder.',
  });
}

export function writeSettings(path: string, settings: Settings): void {
  onDisk(path, () => replaceFile(path, `${JSON.stringify(settings, null, 2)}\n`, 0o600));
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(onDisk(path, () => readFileSync(path, 'utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
