import { FlatLayer, type SettingsLayer, type SettingView, settingDefaults } from '@towpath/contract';
import { type ServiceSettings, settle } from './settle.ts';
import { isTree } from './stored.ts';

/** One layer of settings, and where each of its values comes from: in plain words, by the path inside the layer. */
export interface Layer {
  readonly values: SettingsLayer;
  readonly origin: (path: string) => string;
}

export const defaultLayer: Layer = { values: settingDefaults, origin: () => 'default' };
export const projectLayer = (project: string, values: SettingsLayer): Layer => ({
  values,
  origin: (path) => `project ${project}${environmentOf(path)}`,
});
export const serviceLayer = (values: SettingsLayer): Layer => ({
  values,
  origin: (path) => `service settings${environmentOf(path)}`,
});

/** ` for production`, for what an environment's part of a layer says. */
function environmentOf(path: string): string {
  const [first, name] = path.split('.');
  return first === 'environments' ? ` for ${name}` : '';
}

/** What was found in a commit, with the evidence of each value by its path: `test` → `package.json, script "test"`. */
export const detectedLayer = (values: SettingsLayer, evidence: ReadonlyMap<string, string>): Layer => ({
  values,
  origin: (path) => `detected: ${nearestOf(evidence, path) ?? 'this repository'}`,
});

/** What is known of a path or, where nothing is, of the nearest place around it. */
export function nearestOf<T>(places: ReadonlyMap<string, T>, path: string): T | undefined {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('.'))) {
    const known = places.get(at);
    if (known !== undefined || !at.includes('.')) return known ?? places.get('');
  }
}

/** Settings that hold, and why. */
export interface Resolution {
  readonly settings: ServiceSettings;
  /** Every value that holds, a `false` that switches something off included. */
  readonly origins: readonly SettingView[];
  /** What does not go together, in plain words: nothing can be run before it is mended. */
  readonly problems: readonly string[];
}

/**
 * The layers over each other, the weakest first; in an environment, or for what all environments share. What a layer says for the
 * environment is stronger than what it says for all, and than all weaker layers. Maps are merged by key, lists replaced. One command for
 * quality takes the place of all, `start` that of `static`, and false or null removes.
 */
export function resolve(layers: readonly Layer[], environment?: string): Resolution {
  const leaves = layers.map((layer) => leavesOf(layer, environment)).reduce(overlay, new Map());
  const { settings, problems } = settle(
    FlatLayer.parse(nested(leaves)),
    (path) => leaves.get(path)?.origin ?? 'default',
  );
  return { settings, origins: shown(leaves), problems };
}

export interface Leaf {
  readonly value: unknown;
  readonly origin: string;
}
/** Values by their path. Names in paths have no dots. */
export type Leaves = ReadonlyMap<string, Leaf>;

/** What clears weaker values: one command for quality stands below `quality.*`, and a process below its own name. */
const everyCheck = 'quality.*';
const single = 'quality.quality';

export function leavesOf({ values, origin }: Layer, environment?: string): Leaves {
  const { environments = {}, ...general } = values;
  const own = environment !== undefined && Object.hasOwn(environments, environment) ? environments[environment] : {};
  return overlay(
    new Map(leavesBelow(spelledOut(general), '', origin)),
    new Map(leavesBelow(spelledOut(own ?? {}), '', (path) => origin(`environments.${environment}.${path}`))),
  );
}

function leavesBelow(value: unknown, path: string, origin: Layer['origin']): [string, Leaf][] {
  if (value === undefined) return [];
  if (!isTree(value)) return [[path, { value, origin: origin(asGiven(path)) }]];
  return Object.entries(value).flatMap(([key, each]) =>
    leavesBelow(each, path === '' ? key : `${path}.${key}`, origin),
  );
}

/** The path of what was spelled out. */
const asGiven = (path: string): string => path.replace(/^(processes\.[^.]+)\.on$|^(quality)\.\*$/, '$1$2');

/** One command for quality as a map that clears all others; a process as switched on or off. */
function spelledOut(layer: FlatLayer): object {
  const { quality, processes, ...rest } = layer;
  const checks =
    typeof quality === 'string' ? { '*': false, quality } : quality === false ? { '*': false } : (quality ?? {});
  const kept = Object.entries(processes ?? {}).map(
    ([name, process]) => [name, process === false ? { on: false } : { on: true, ...process }] as const,
  );
  return { ...rest, quality: checks, processes: Object.fromEntries(kept) };
}

/** The stronger leaves over the weaker ones. Associative: which two layers are merged first makes no difference. */
export function overlay(weaker: Leaves, stronger: Leaves): Leaves {
  const cleared = (path: string): boolean =>
    (path.startsWith('quality.') && stronger.has(everyCheck)) ||
    (path === 'start' && stronger.has('static')) ||
    (path === 'static' && stronger.has('start'));
  return new Map([...[...weaker].filter(([path]) => !cleared(path)), ...stronger]);
}

/** The leaves as a layer again. */
function nested(leaves: Leaves): unknown {
  const { quality, processes, ...rest } = treeOf([...leaves].map(([path, { value }]) => [path.split('.'), value]));
  return { ...rest, ...checksOf(quality), ...processesOf(processes) };
}

type Branches = readonly (readonly [readonly string[], unknown])[];

function treeOf(branches: Branches): Record<string, unknown> {
  const byKey = Map.groupBy(branches, ([[key = '']]) => key);
  return Object.fromEntries(
    [...byKey].map(([key, below]) => {
      const [[path, value] = [[], undefined]] = below;
      return [key, path.length === 1 ? value : treeOf(below.map(([[, ...rest], each]) => [rest, each]))];
    }),
  );
}

function checksOf(quality: unknown): { quality?: unknown } {
  if (!isTree(quality)) return {};
  const names = Object.keys(quality).filter((name) => name !== '*' && quality[name] !== false);
  if (names.length === 0) return { quality: false };
  if (names.length === 1 && names[0] === 'quality') return { quality: quality.quality };
  return { quality: Object.fromEntries(names.map((name) => [name, quality[name]])) };
}

function processesOf(processes: unknown): { processes?: unknown } {
  if (!isTree(processes)) return {};
  const kept = Object.entries(processes).flatMap(([name, process]) => {
    if (!isTree(process) || process.on !== true) return [];
    const { on: _, ...fields } = process;
    return [[name, fields] as const];
  });
  return { processes: Object.fromEntries(kept) };
}

/** For people: without what is only there to clear, and without what it cleared. */
function shown(leaves: Leaves): SettingView[] {
  const checks = [...leaves.keys()].filter((path) => path.startsWith('quality.') && path !== everyCheck);
  return [...leaves].flatMap(([path, { value, origin }]): SettingView[] => {
    if (path === everyCheck) return checks.length === 0 ? [{ path: 'quality', value: false, origin }] : [];
    const process = /^processes\.([^.]+)\.(.+)$/.exec(path);
    if (process !== null) {
      const on = leaves.get(`processes.${process[1]}.on`)?.value === true;
      if (process[2] === 'on') return on ? [] : [{ path: `processes.${process[1]}`, value: false, origin }];
      if (!on) return [];
    }
    const kept = shownValue(value);
    return kept === null
      ? []
      : [{ path: path === single && checks.length === 1 ? 'quality' : path, value: kept, origin }];
  });
}

/** A variable that was removed holds nothing. */
function shownValue(value: unknown): SettingView['value'] | null {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
