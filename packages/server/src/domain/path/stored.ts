import { durationText, SettingsLayer, settingDefaults } from '@towpath/contract';
import type { ServiceSettings } from './settle.ts';

/** How fields were called in rows of before, and are called in settings as they are used: there times are in ms, sizes in MiB. */
const names: readonly { readonly stored: readonly string[]; readonly now: readonly string[]; readonly text: Text }[] = [
  { stored: ['health', 'startMs'], now: ['health', 'startTimeout'], text: durationText },
  { stored: ['stageMs'], now: ['timeouts', 'stage'], text: durationText },
  { stored: ['drainMs'], now: ['timeouts', 'drain'], text: durationText },
  { stored: ['approvalMs'], now: ['approvalTimeout'], text: durationText },
  { stored: ['resources', 'memoryMi'], now: ['resources', 'memory'], text: (mi) => `${mi}Mi` },
];
type Text = (value: number) => string;

type Tree = Readonly<Record<string, unknown>>;

/**
 * Settings as they are used, or a row of before there were layers, under the names of a layer. What is one already stays as it is; what
 * is no object too, so that the schema can say so.
 */
export function underLayerNames(stored: unknown): unknown {
  if (!isTree(stored)) return stored;
  return names.reduce<Tree>((tree, { stored: [first = '', second], now: [top = '', below], text }) => {
    const { [first]: outer, ...rest } = tree;
    const [value, kept] = second === undefined ? [outer, rest] : taken(tree, first, second);
    if (typeof value !== 'number') return tree;
    if (below === undefined) return { ...kept, [top]: text(value) };
    const beside = kept[top];
    return { ...kept, [top]: { ...(isTree(beside) ? beside : {}), [below]: text(value) } };
  }, stored);
}

/**
 * The layer that a service's row holds, which was held against the schema when it was written. A row of before there were layers holds the defaults too, and cannot tell whether they were given:
 * there what is the default counts as not given, so that a project or the repository's file can say otherwise.
 */
export function givenSettings(row: SettingsLayer | ServiceSettings): SettingsLayer {
  if (!('stageMs' in row)) return row;
  // Such a row may hold both; the folder won.
  const { start: _, ...others } = row;
  const one = others.static === undefined ? row : others;
  const named = underLayerNames(one);
  return SettingsLayer.parse(isTree(named) ? without(named, settingDefaults) : named);
}

function taken(tree: Tree, first: string, second: string): readonly [unknown, Tree] {
  const outer = tree[first];
  if (!isTree(outer)) return [undefined, tree];
  const { [second]: value, ...rest } = outer;
  return [value, { ...tree, [first]: rest }];
}

function without(tree: Tree, defaults: Tree): Tree {
  const entries = Object.entries(tree).flatMap(([key, value]) => {
    const normal = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    if (isTree(value) && isTree(normal)) {
      const rest = without(value, normal);
      return Object.keys(rest).length === 0 ? [] : [[key, rest] as const];
    }
    return value === normal ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
