import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { verbs } from './command.ts';
import { buildProgram } from './program.ts';
import { examplesOf } from './verb.ts';

const program = await buildProgram(() => true);
const every = (command: Command): Command[] => [command, ...command.commands.flatMap(every)];
const shown = every(program).flatMap((command) => examplesOf(command).map((example) => ({ command, example })));

test('every verb has a summary, and no line of the list is longer than a terminal', async () => {
  expect(program.commands.map((command) => command.name())).toEqual(Object.keys(verbs));
  // As people see it: only the verb that is asked for has its arguments.
  const list = (await buildProgram(() => false)).helpInformation();
  for (const line of list.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('there are examples', () => {
  expect(shown.length).toBeGreaterThan(20);
});

test.each(shown)('the example is understood: $example', ({ command, example }) => {
  const [typed = ''] = example.split(/ {2,}/);
  expect(understood(program, typed)).toBe(command);
});

const root = new URL('../../../', import.meta.url);
const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'docs/', 'examples/'].flatMap(
  (path) =>
    path.endsWith('/')
      ? readdirSync(new URL(path, root), { recursive: true, encoding: 'utf8' }).map((name) => `${path}${name}`)
      : [path],
);
const documents = pages
  .filter((path) => path.endsWith('.md') && !path.includes('node_modules/') && path !== 'docs/real-services.md')
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
const written = documents.flatMap(({ path, text }) => typedIn(text).map((line) => ({ path, line })));

test('there are commands in the documents', () => {
  expect(new Set(written.map(({ path }) => path)).size).toBeGreaterThan(5);
});

test.each(written)('$path: $line is understood', ({ line }) => {
  expect(() => understood(program, line)).not.toThrow();
});

test.each(documents)('links of $path lead somewhere', ({ path, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((found) => found[1] ?? '');
  expect(links.filter((link) => !existsSync(new URL(link, new URL(path, root))))).toEqual([]);
});

/** The command that a line is taken for. Throws where a word of it is not understood, or one is missing. */
function understood(root: Command, line: string): Command {
  const words = commandLine(line);
  if (words[0]?.replace('./', '') !== 'towpath') throw new Error(`${line}: towpath is not called`);
  let found = root;
  let rest = words.slice(1);
  for (;;) {
    const next = found.commands.find((each) => each.name() === rest[0]);
    if (next === undefined) break;
    [found, rest] = [next, rest.slice(1)];
  }
  const { operands, unknown } = found.parseOptions(rest);
  if (unknown.length > 0) throw new Error(`${line}: ${unknown.join(' ')} is not known`);
  if (found === root && operands.length > 0) throw new Error(`${line}: ${operands[0]} is no verb`);
  // A verb alone names it only.
  if (rest.length > 0 && operands.length < found.registeredArguments.filter((each) => each.required).length)
    throw new Error(`${line}: a word is missing`);
  return found;
}

/** What a document tells to type: lines of its blocks of commands, and what stands in backticks. */
function typedIn(text: string): string[] {
  const lines = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  const outside = text.replace(/^```[\s\S]*?^```$/gm, '');
  const inline = [...outside.matchAll(/`((?:\.\/)?towpath [^`]+)`/g)].map((found) => found[1] ?? '');
  const typed = lines
    .map((line) => line.replace(/ {2,}#.*$/, '').trim())
    .filter((line) => /^(\.\/)?towpath /.test(line));
  return [...new Set([...typed, ...inline])];
}

/** The last command of a line, as the shell would split it. */
function commandLine(line: string): string[] {
  const last = line.split(/&&|\|/).at(-1)?.replace(/ < .*/, '') ?? '';
  return [...last.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
}
