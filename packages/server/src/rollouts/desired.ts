import { releaseKey } from '../domain/rollout/route.ts';
import type { DesiredRelease } from '../platforms/platform.ts';
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
  readonly secrets: Readonly<Record<string, string>>;
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly serveFolder: (folder: string) => readonly [string, ...string[]];
}

/** What the platform is asked to run for a release. Pure: the same release gives the same value for ever. */
export function desiredRelease(parts: ReleaseParts, replicas: number): DesiredRelease {
  const { release, target } = parts;
  const { config } = release;
  const cwd = config.folder === '.' ? parts.folder : `${parts.folder}/${config.folder}`;
  const argv: readonly [string, ...string[]] =
    config.start.kind === 'static'
      ? parts.serveFolder(config.start.folder === '.' ? cwd : `${cwd}/${config.start.folder}`)
      : ['sh', '-c', config.start.command];
  return {
    release: releaseKey(release.id),
    processes: [
      {
        type: 'http',
        replicas,
        argv,
        cwd,
        env: {
          ...parts.baseEnv,
          ...withPrograms(cwd, config.path, parts.baseEnv.PATH),
          NODE_ENV: 'production',
          // Python keeps what it compiled beside the sources, and as root it would in a bundle, too: that is no more what its digest says.
          PYTHONDONTWRITEBYTECODE: '1',
          ...config.env,
          ...config.variables,
          ...parts.secrets,
          TOWPATH_TARGET: targetName(target),
          TOWPATH_RELEASE: `v${release.version}`,
          TOWPATH_COMMIT: release.commit,
        },
        drainMs: config.drainMs,
      },
    ],
  };
}

/** What the dependencies bring can be called by its name. A release of before has no such folders. */
function withPrograms(folder: string, programs: readonly string[] | undefined, path = ''): { PATH?: string } {
  if (programs === undefined || programs.length === 0) return {};
  return { PATH: [...programs.map((each) => `${folder}/${each}`), path].join(':') };
}
