import { beforeLayers } from '../domain/path/before-layers.ts';
import { type KeptLayer, keptOf, resolveKept } from '../domain/path/kept.ts';
import type { Resolution } from '../domain/path/layers.ts';
import type { Programs } from '../domain/path/programs.ts';
import type { ServiceSettings } from '../domain/path/settings.ts';
import type { RunRow } from '../store/runs.ts';
import type { RunAct } from './act.ts';

/** The settings of a run that was prepared, with where each comes from: in an environment, or what all environments share. */
export async function settingsOf(act: RunAct, environment?: string): Promise<Resolution> {
  return resolveKept(await keptLayers(act), environment);
}

/** What its commands find before the PATH. */
export async function programsOf(act: RunAct): Promise<Programs> {
  const { path = [], toolchains = [] } = keptOf(await keptLayers(act), 'detected') ?? {};
  return { path, toolchains };
}

/** Its layers: until prepare is done without what is in the commit. */
export async function keptLayers(act: RunAct): Promise<readonly KeptLayer[]> {
  act.layers ??= layersOf(act.run);
  return act.layers;
}

/** The layers of a run as its row has them, also of one that an earlier Towpath began. */
export const layersOf = ({ layers, settings, commands }: RunRow): readonly KeptLayer[] =>
  layers ?? beforeLayers(settings, commands);

/** Is there nothing that would run? A service may have no http process, and work all the same. */
export const startsNothing = ({ start, static: folder, processes }: ServiceSettings): boolean =>
  start === undefined && folder === undefined && !Object.values(processes).some(({ kind }) => kind === 'worker');

/** What to tell the owner of a service that cannot be started. */
export const nothingToStart = (service: string, why = 'nothing to start was found'): string =>
  `${why}; tell how: towpath service set ${service} --start "…", or towpath service set ${service} --static <folder>`;
