import { durationMs, FlatLayer, SettingsLayer, settingDefaults } from '@towpath/contract';
import { z } from 'zod';
import { defaultLayer, resolve, serviceLayer } from './layers.ts';
import type { ServiceSettings as Settled } from './settle.ts';
import { underLayerNames } from './stored.ts';

/** How the replicas of a release are judged: a part of its stored config. */
export const HealthSettings = z.object({
  path: z.string().startsWith('/').default(settingDefaults.health.path),
  /** A new replica that is not healthy after this time has failed. */
  startMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(durationMs(settingDefaults.health.startTimeout) ?? 0),
});

/** A service's layer, or settings as a run's row has them, as the whole with defaults: what all environments share. */
export const ServiceSettings = z
  .preprocess(underLayerNames, FlatLayer.extend({ environments: SettingsLayer.shape.environments }))
  .transform((values) => resolve([defaultLayer, serviceLayer(values)]).settings);
export type ServiceSettings = Settled;

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
  const given = (command: string | false | undefined, other: Resolved | null): Resolved | null =>
    command === undefined ? other : command === false ? null : { command, origin };
  const { quality } = settings;
  return {
    install: given(settings.install, found.install),
    quality: given(typeof quality === 'object' ? Object.values(quality).join(' && ') : quality, found.quality),
    unit: given(settings.test, found.unit),
    build: given(settings.build, found.build),
    start: givenStart(settings, origin) ?? found.start,
  };
}

function givenStart(settings: ServiceSettings, origin: string): Start | null {
  if (settings.static !== undefined) return { kind: 'static', folder: settings.static, origin };
  return settings.start === undefined ? null : { kind: 'command', command: settings.start, origin };
}
