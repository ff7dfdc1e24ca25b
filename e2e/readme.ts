import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What README.md tells people to type, and what it shows them. */
export interface Readme {
  /** The screen that it begins with: each command with what is printed below it. */
  readonly screen: readonly Shown[];
  /** The lines of its blocks of commands, in their order, without comments. */
  readonly lines: readonly string[];
  /** The commands of its table of verbs, in their order. */
  readonly verbs: readonly string[];
}

export interface Shown {
  readonly command: string;
  readonly printed: readonly string[];
}

export function readReadme(): Readme {
  const text = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
  const [screen = ''] = blocks(text, '');
  return {
    screen: screen
      .split(/^\$ /m)
      .slice(1)
      .map((piece) => piece.trimEnd().split('\n'))
      .map(([command = '', ...printed]) => ({ command, printed })),
    lines: blocks(text, 'sh').flatMap((block) => block.split('\n').flatMap(command)),
    verbs: text
      .split('\n')
      .filter((line) => /^\| (?!to … |---).*\| `towpath .*\|$/.test(line))
      .flatMap((line) => [...line.matchAll(/`(towpath [^`]+)`/g)].map((found) => found[1] ?? '')),
  };
}

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].flatMap(([, name, body = '']) => (name === language ? [body] : []));

/** A comment begins after two blanks at least. */
function command(line: string): string[] {
  const typed = line.replace(/ {2,}#.*$/, '').trim();
  return typed === '' ? [] : [typed];
}
