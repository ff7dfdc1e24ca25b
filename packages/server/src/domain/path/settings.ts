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

/** The commands of one commit as a run of before kept them, with where each came from. */
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
