import type { Client } from '@towpath/client';
import { TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { createOutput, type Output } from './output.ts';
import { openClient } from './session.ts';

/** What every verb that talks to a Towpath has at hand. */
export interface Talk {
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
    output.result(await action({ client, output }, options, ...words));
  });
}

/** A whole number from the command line, or an error that names the word. */
export function wholeNumber(word: string | undefined, what: string): number {
  const number = Number((word ?? '').replace(/^[#v]/, ''));
  if (!Number.isSafeInteger(number) || number < 0) throw usage(`${what} must be a whole number, not "${word}"`);
  return number;
}

export const usage = (message: string, help = "See the command's --help."): TowpathError =>
  new TowpathError('bad_request', message, { help });
