import type { Client } from '@towpath/client';
import { TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { createOutput, type Output } from './output.ts';
import { printableAnswer } from './printable.ts';
import { openClient } from './session.ts';

/** What every verb that talks to a Towpath has at hand. */
export interface Talk {
  /** Its answers are safe to print; its streams are as they come. */
  readonly client: Client;
  readonly output: Output;
}

/**
 * Adds `--json` and the action to a command that talks to the API. The action gets the command's arguments in their order and its
 * options; what it returns is the `--json` answer.
 */
export function talks<O extends object>(
  command: Command,
  action: (talk: Talk, options: O, ...words: (string | undefined)[]) => Promise<unknown>,
): void {
  command.option('--json', 'print one JSON document').action(async (...given: unknown[]) => {
    const words = given.slice(0, -2).map((word) => (typeof word === 'string' ? word : undefined));
    const options = command.opts<O & { json?: boolean }>();
    const output = createOutput(options.json === true);
    const client = await openClient();
    const printing: Client = {
      call: async (name, input) => printableAnswer(await client.call(name, input)),
      stream: (name, input) => client.stream(name, input),
      follow: (name, input) => client.follow(name, input),
    };
    // With --json the values are as they are; how they are written takes care of the terminal.
    output.result(await action({ client: output.json ? client : printing, output }, options, ...words));
  });
}

const shownExamples = new WeakMap<Command, readonly string[]>();

/** Adds examples to a command's help: what is typed, and after two blanks what it does. */
export function examples(command: Command, ...lines: readonly string[]): void {
  shownExamples.set(command, lines);
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}

/** What `examples` added, for the reference. */
export const examplesOf = (command: Command): readonly string[] => shownExamples.get(command) ?? [];

/** A whole number from the command line, or an error that names the word. */
export function wholeNumber(word: string | undefined, what: string): number {
  const number = Number((word ?? '').replace(/^[#v]/, ''));
  if (word === undefined || word === '' || !Number.isSafeInteger(number) || number < 0)
    throw misused(`${what} must be a whole number, not "${word ?? ''}"`);
  return number;
}

/** The words of the command line are not understood: exit code 2, where `usage` is what the place or the moment does not allow. */
export class Misuse extends TowpathError {}

export const misused = (message: string, help = "See the command's --help."): Misuse =>
  new Misuse('bad_request', message, { help });

export const usage = (message: string, help: string): TowpathError =>
  new TowpathError('bad_request', message, { help });
