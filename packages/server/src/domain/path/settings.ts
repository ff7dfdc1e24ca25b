import { z } from 'zod';

/** A line for the shell, written by the service's own people. */
const Command = z.string().trim().min(1).max(4_000);

/** A relative path that does not climb out of its folder. */
export function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

const Folder = z.string().max(1_000).refine(staysInside, 'use a folder below, like services/api, without ..');

export const HealthSettings = z.object({
  path: z.string().startsWith('/').default('/'),
  /** A new replica that is not healthy after this time has failed. */
  startMs: z.int().min(1_000).max(3_600_000).default(60_000),
});

/**
 * What a service brings to the path: each value is given by its owner (`towpath init`, `towpath service set`) or found in the commit.
 * A value that is absent here is detected anew in every commit.
 */
export const ServiceSettings = z.object({
  /** Folder of the repository that the service lives in; "." for the whole. */
  folder: Folder.default('.'),
  /** The main branch: environments without a branch of their own follow it. */
  branch: z.string().min(1).default('main'),
  install: Command.optional(),
  quality: Command.optional(),
  test: Command.optional(),
  build: Command.optional(),
  start: Command.optional(),
  /** A folder with files to serve, instead of a start command. */
  static: Folder.optional(),
  health: HealthSettings.prefault({}),
  /** A stage that runs longer than this is ended. */
  stageMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(30 * 60_000),
  /** For the open requests of a replica, and between its SIGTERM and SIGKILL. An answer that takes 10 s is nothing unusual. */
  drainMs: z.int().min(0).max(600_000).default(30_000),
});
export type ServiceSettings = z.infer<typeof ServiceSettings>;

/** The commands of one commit, with where each came from. */
export interface ResolvedCommands {
  readonly install: Resolved | null;
  readonly quality: Resolved | null;
  readonly unit: Resolved | null;
  readonly build: Resolved | null;
  readonly start: Start | null;
}
export interface Resolved {
  readonly command: string;
  /** In plain words: `package.json, script "test"` or `service settings`. */
  readonly origin: string;
}
export type Start =
  | { readonly kind: 'command'; readonly command: string; readonly origin: string }
  | { readonly kind: 'static'; readonly folder: string; readonly origin: string };

/** The commands as they are used: what the settings give wins over what was found. */
export function withGiven(found: ResolvedCommands, settings: ServiceSettings): ResolvedCommands {
  const origin = 'service settings';
  const given = (command: string | undefined) => (command === undefined ? null : { command, origin });
  return {
    install: given(settings.install) ?? found.install,
    quality: given(settings.quality) ?? found.quality,
    unit: given(settings.test) ?? found.unit,
    build: given(settings.build) ?? found.build,
    start: givenStart(settings, origin) ?? found.start,
  };
}

function givenStart(settings: ServiceSettings, origin: string): Start | null {
  if (settings.static !== undefined) return { kind: 'static', folder: settings.static, origin };
  return settings.start === undefined ? null : { kind: 'command', command: settings.start, origin };
}
