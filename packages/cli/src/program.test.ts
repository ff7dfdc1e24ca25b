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
  const words = commandLine(typed);
  expect(words[0]).toBe('towpath');
  let found: Command = program;
  let rest = words.slice(1);
  for (;;) {
    const next = found.commands.find((each) => each.name() === rest[0]);
    if (next === undefined) break;
    [found, rest] = [next, rest.slice(1)];
  }
  expect(found).toBe(command);
  const { operands, unknown } = found.parseOptions(rest);
  expect(unknown).toEqual([]);
  expect(operands.length).toBeGreaterThanOrEqual(found.registeredArguments.filter((each) => each.required).length);
});

/** The last command of a line, as the shell would split it. */
function commandLine(line: string): string[] {
  const last = line.split(/&&|\|/).at(-1)?.replace(/<.*/, '') ?? '';
  return [...last.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
}
