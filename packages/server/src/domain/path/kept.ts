import type { SettingsLayer } from '@towpath/contract';
import type { Tool } from '../detect/found.ts';
import type { Toolchain } from '../runtime/toolchain.ts';
import {
  defaultLayer,
  detectedLayer,
  type Layer,
  projectLayer,
  type Resolution,
  resolve,
  serviceLayer,
} from './layers.ts';
import { repositoryLayer } from './repository-file.ts';

/** A layer as a run keeps it: what was given when the run was asked for, and what prepare found in its commit. Plain JSON. */
export type KeptLayer =
  | {
      readonly kind: 'detected';
      readonly values: SettingsLayer;
      /** Where each value was seen, by its path. */
      readonly evidence: Readonly<Record<string, string>>;
      /** Folders of programs that the dependencies bring, relative to the service's folder. */
      readonly path: readonly string[];
      /** The programs that its commands need, with the versions that it wants. Absent in rows of before. */
      readonly tools?: readonly Tool[];
      /** Which toolchains prepare chose for it, instead of what the PATH has; absent until then. */
      readonly toolchains?: readonly Toolchain[];
    }
  | { readonly kind: 'project'; readonly name: string; readonly values: SettingsLayer }
  | {
      readonly kind: 'repository';
      /** The file, from the top of the repository. */
      readonly name: string;
      readonly values: SettingsLayer;
      readonly lines: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'service'; readonly values: SettingsLayer };

type Of<K extends KeptLayer['kind']> = Extract<KeptLayer, { kind: K }>;

const layers: { readonly [K in KeptLayer['kind']]: (kept: Of<K>) => Layer } = {
  detected: ({ values, evidence }) => detectedLayer(values, new Map(Object.entries(evidence))),
  project: ({ name, values }) => projectLayer(name, values),
  repository: ({ name, values, lines }) => repositoryLayer({ values, lines: new Map(Object.entries(lines)) }, name),
  service: ({ values }) => serviceLayer(values),
};

/** From the weakest to the strongest. */
const order: readonly KeptLayer['kind'][] = ['detected', 'project', 'repository', 'service'];

/** The settings that kept layers come to, over the defaults: in an environment, or what all environments share. */
export function resolveKept(kept: readonly KeptLayer[], environment?: string): Resolution {
  const sorted = order.flatMap((kind) => kept.filter((each) => each.kind === kind).map(toLayer));
  return resolve([defaultLayer, ...sorted], environment);
}

const toLayer = <K extends KeptLayer['kind']>(kept: Of<K>): Layer => layers[kept.kind as K](kept);

export const keptOf = <K extends KeptLayer['kind']>(kept: readonly KeptLayer[], kind: K): Of<K> | undefined =>
  kept.find((each): each is Of<K> => each.kind === kind);

/** The same with this one in place of what was there of its kind. */
export const withLayer = (kept: readonly KeptLayer[], layer: KeptLayer): KeptLayer[] => [
  ...kept.filter((each) => each.kind !== layer.kind),
  layer,
];
