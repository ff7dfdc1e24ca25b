import { type KeptLayer, keptOf, resolveKept } from '../path/kept.ts';
import type { ServiceSettings } from '../path/settings.ts';
import { releaseCommands, runsWith } from '../runtime/commands.ts';
import type { ReleaseConfig } from './config.ts';

/** What a release of one build is in an environment. */
export interface Settled {
  readonly settings: ServiceSettings;
  /** All but the variables, which the environment has of its own. */
  readonly config: Omit<ReleaseConfig, 'variables'>;
}

/**
 * The one way from the layers of the run that built it to a release: the run itself deploys by it, and so does whoever brings what is
 * built from one environment to another.
 */
export function settledIn(kept: readonly KeptLayer[], environment: string): Settled {
  const { settings } = resolveKept(kept, environment);
  const { path = [], toolchains = [] } = keptOf(kept, 'detected') ?? {};
  return {
    settings,
    config: {
      start: startOf(settings),
      folder: settings.folder,
      path: [...path],
      toolchains: runsWith(toolchains, releaseCommands(settings)),
      health: settings.health,
      drainMs: settings.drainMs,
      processes: settings.processes,
      release: settings.release || null,
      data: settings.data || null,
      commandMs: settings.stageMs,
      env: settings.env,
    },
  };
}

function startOf(settings: ServiceSettings): ReleaseConfig['start'] {
  if (settings.static !== undefined) return { kind: 'static', folder: settings.static };
  return settings.start === undefined ? null : { kind: 'command', command: settings.start };
}
