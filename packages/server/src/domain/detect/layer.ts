import { mistakesOf, SettingsLayer, TowpathError } from '@towpath/contract';
import type { KeptLayer } from '../path/kept.ts';
import { keptTool } from '../runtime/wishes.ts';
import { detect } from './detect.ts';
import type { FileView } from './files.ts';
import type { Detected, Found, Notice } from './found.ts';

interface Value {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: string;
}

/** What people are told of a commit besides its settings. */
export interface Told {
  readonly kind: Found | null;
  readonly notices: readonly Notice[];
  /** What would have to be asked. */
  readonly question: string | null;
}

/** The settings that a repository shows by itself. Throws as `detect` does. */
export function findLayer(repository: FileView, folder: string): Told & { layer: FoundLayer } {
  const found = detect(repository, folder);
  const { kind, notices, question } = found;
  return { layer: foundLayer(found), kind, notices, question: question?.text ?? null };
}

type FoundLayer = Extract<KeptLayer, { kind: 'detected' }>;

/**
 * What was found in a commit, as a layer of settings. Throws `unreadable_manifest` where the commit says what no setting can hold: a
 * command of 5,000 letters.
 */
function foundLayer(found: Detected): FoundLayer {
  const values: Value[] = [
    ...(['install', 'test', 'build', 'release'] as const).flatMap((name) => {
      const one = found[name];
      return one === null ? [] : [{ path: [name], ...one }];
    }),
    ...found.quality.map(({ name, command, origin }) => ({ path: ['quality', name], value: command, origin })),
    ...found.processes.flatMap(({ name, kind, command, origin }) => {
      const word = wordOf(name);
      return word === '' ? [] : [{ path: ['processes', word], value: { kind, command }, origin }];
    }),
    ...startOf(found),
    ...(found.health === null ? [] : [{ path: ['health', 'path'], ...found.health }]),
  ];
  const parsed = SettingsLayer.safeParse(treeOf(values));
  const evidence = Object.fromEntries(values.map(({ path, origin }) => [path.join('.'), origin]));
  if (parsed.success)
    return { kind: 'detected', values: parsed.data, evidence, path: found.path, tools: found.tools.map(keptTool) };
  const told = mistakesOf(parsed.error, SettingsLayer).map(({ path, message }) => {
    const place = values.find((each) => each.path.every((key, index) => path[index] === key));
    return `${place?.origin ?? 'the commit'}: ${path.join('.')}: ${message}`;
  });
  throw new TowpathError('unreadable_manifest', told.join('; '));
}

function startOf({ start }: Detected): Value[] {
  if (start === null) return [];
  const { origin } = start;
  return start.kind === 'static'
    ? [{ path: ['static'], value: start.folder, origin }]
    : [{ path: ['start'], value: start.command, origin }];
}

/** The name of a process in a Procfile (`Celery_Beat`) as processes are called here; empty when nothing is left of it. */
const wordOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');

function treeOf(values: readonly Value[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { path, value } of values) {
    const [first = '', second] = path;
    const inside = tree[first];
    if (second === undefined) tree[first] = value;
    else tree[first] = { ...(typeof inside === 'object' ? inside : {}), [second]: value };
  }
  return tree;
}
