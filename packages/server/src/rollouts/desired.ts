import { programsEnv } from '../domain/path/programs.ts';
import { own, type ReleaseConfig, workersOf } from '../domain/release/config.ts';
import { releaseKey } from '../domain/rollout/route.ts';
import type { DesiredProcess, DesiredRelease } from '../platforms/platform.ts';
import type { ReleaseRow } from '../store/releases.ts';
import { type Target, targetName } from '../store/targets.ts';

/** The scope of a target: what the claim, the platform and the supervisor call it. */
export const targetScope = (targetId: number): string => `target/${targetId}`;

/** The context that a release's secrets are sealed for. */
export const releaseSecretsContext = (targetId: number): string => `${targetScope(targetId)}/release`;

export interface ReleaseParts {
  readonly target: Target;
  readonly release: ReleaseRow;
  /** Absolute. */
  readonly folder: string;
  /** Absolute: what its environment keeps over releases; null when it keeps nothing. */
  readonly dataFolder: string | null;
  readonly secrets: Readonly<Record<string, string>>;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly serveFolder: (folder: string) => readonly [string, ...string[]];
}

/** How many replicas run of each process: of http, and of the workers by name. One that is not named has none. */
export interface Counts {
  readonly http: number;
  readonly workers: Readonly<Record<string, number>>;
}

/** The most that a target wants of a release: what its settings say, where `towpath scale` has not said otherwise. */
export function wholeCounts(
  { row }: { readonly row: Pick<Target['row'], 'replicas' | 'workers'> },
  config: ReleaseConfig,
): Counts {
  const workers = workersOf(config).map(([name, worker]) => [name, own(row.workers, name) ?? worker.replicas] as const);
  return { http: config.start === null ? 0 : row.replicas, workers: Object.fromEntries(workers) };
}

/** The folder that a release's processes and commands run in. */
export function releaseFolder({ release, folder }: Pick<ReleaseParts, 'release' | 'folder'>): string {
  return release.config.folder === '.' ? folder : `${folder}/${release.config.folder}`;
}

/** What every process and command of a release is given. Holds secrets: never logged. */
export function releaseEnvironment(parts: Omit<ReleaseParts, 'serveFolder'>): Record<string, string> {
  const { release, target, dataFolder } = parts;
  return {
    ...parts.baseEnv,
    ...programsEnv(releaseFolder(parts), release.config, parts.baseEnv.PATH),
    NODE_ENV: 'production',
    // Python keeps what it compiled beside the sources, and as root it would in a bundle, too: that is no more what its digest says.
    PYTHONDONTWRITEBYTECODE: '1',
    ...release.config.env,
    ...release.config.variables,
    ...parts.secrets,
    ...(dataFolder === null ? {} : { TOWPATH_DATA: dataFolder }),
    TOWPATH_TARGET: targetName(target),
    TOWPATH_RELEASE: `v${release.version}`,
    TOWPATH_COMMIT: release.commit,
  };
}

/** What the platform is asked to run for a release. Pure: the same release gives the same value for ever. */
export function desiredRelease(parts: ReleaseParts, counts: Counts): DesiredRelease {
  const { config } = parts.release;
  const same = { cwd: releaseFolder(parts), env: releaseEnvironment(parts), drainMs: config.drainMs };
  const http = httpCommand(parts);
  const processes: DesiredProcess[] = workersOf(config).map(([name, worker]) => ({
    type: 'worker',
    name,
    replicas: own(counts.workers, name) ?? 0,
    argv: ['sh', '-c', worker.command],
    ...same,
  }));
  if (http !== null) processes.unshift({ type: 'http', name: 'http', replicas: counts.http, argv: http, ...same });
  return { release: releaseKey(parts.release.id), processes };
}

function httpCommand(parts: ReleaseParts): readonly [string, ...string[]] | null {
  const { start } = parts.release.config;
  if (start === null) return null;
  if (start.kind === 'command') return ['sh', '-c', start.command];
  const folder = releaseFolder(parts);
  return parts.serveFolder(start.folder === '.' ? folder : `${folder}/${start.folder}`);
}
