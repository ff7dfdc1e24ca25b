import { errors, nearest, settingFields } from '@towpath/contract';
import type { Command } from 'commander';
import { entriesOf, type ManualEntry } from './manual-entries.ts';

/** An entry of the manual: what it is called, and its text in lines. */
export interface Topic {
  readonly kind: 'command' | 'setting' | 'error';
  readonly name: string;
  readonly lines: readonly string[];
}

/** Everything that `docs` knows, from what docs/reference is made of. @param program with all verbs loaded */
export function topics(program: Command): Topic[] {
  return [
    ...entriesOf(program).map((entry): Topic => ({ kind: 'command', name: entry.name, lines: commandLines(entry) })),
    ...settingFields().map(
      ({ path, description, default: normal, examples, inFile, inEnvironment }): Topic => ({
        kind: 'setting',
        name: path,
        lines: [
          description,
          ...(normal === undefined ? [] : [`default: ${JSON.stringify(normal)}`]),
          ...examples.map((each) => `example: ${JSON.stringify(each)}`),
          `in towpath.yaml: ${inFile ? 'yes' : 'no'}; of an environment: ${inEnvironment ? 'yes' : 'no'}`,
        ],
      }),
    ),
    ...Object.entries(errors).map(
      ([name, { title, help, status }]): Topic => ({
        kind: 'error',
        name,
        lines: [`${title}.`, `What to do: ${help}`, `HTTP status: ${status}`],
      }),
    ),
  ];
}

function commandLines({ usage, description, arguments: words, options, examples }: ManualEntry): string[] {
  const terms = [...words, ...options];
  const width = Math.max(0, ...terms.map(({ term }) => term.length));
  return [
    description,
    `usage: ${usage}`,
    ...terms.map((each) => `  ${each.term.padEnd(width)}  ${each.description}`.trimEnd()),
    ...(examples.length === 0 ? [] : ['examples:', ...examples.map((each) => `  ${each}`)]),
  ];
}

export interface Search {
  /** What is called so. */
  readonly found: readonly Topic[];
  /** What may be meant, best first, where nothing is called so. */
  readonly near: readonly string[];
}

const mostNear = 12;

/** Entries of this name (`service set`, `health`, `disk_full`); else those whose name or text has the word in it. */
export function find(all: readonly Topic[], word: string): Search {
  const wanted = plain(word);
  const found = all.filter(({ name }) => plain(name) === wanted || plain(name.split('.').at(-1) ?? '') === wanted);
  if (found.length > 0) return { found, near: [] };
  const inName = all.filter(({ name }) => plain(name).includes(wanted));
  const inText = all.filter(({ lines }) => plain(lines.join(' ')).includes(wanted));
  const names = all.map(({ name }) => name);
  const alike = nearest(wanted, names) ?? [];
  const near = [...new Set([...inName.map(({ name }) => name), alike, ...inText.map(({ name }) => name)].flat())];
  return { found: [], near: near.slice(0, mostNear) };
}

/** `--stage-timeout`, `stage_timeout` and `stage timeout` are the same word to a person. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/^-+/, '')
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
