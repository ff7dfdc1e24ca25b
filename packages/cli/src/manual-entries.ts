import type { Command } from 'commander';
import { examplesOf } from './verb.ts';

interface Term {
  readonly term: string;
  readonly description: string;
}

/** A command as its help shows it. */
export interface ManualEntry {
  /** `service set` */
  readonly name: string;
  readonly description: string;
  readonly usage: string;
  readonly arguments: readonly Term[];
  readonly options: readonly Term[];
  /** What is typed, and after two blanks what it does. */
  readonly examples: readonly string[];
}

/** Every command of a whole program that people type, in the order of the help, each followed by its own commands. */
export const entriesOf = (program: Command): ManualEntry[] => entriesBelow(program, '');

function entriesBelow(parent: Command, before: string): ManualEntry[] {
  const help = parent.createHelp();
  return help
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => {
      const name = `${before}${command.name()}`;
      return [entry(command, name), ...entriesBelow(command, `${name} `)];
    });
}

function entry(command: Command, name: string): ManualEntry {
  const help = command.createHelp();
  return {
    name,
    description: command.description(),
    usage: help.commandUsage(command),
    arguments: help.visibleArguments(command).map((each) => ({
      term: help.argumentTerm(each),
      description: help.argumentDescription(each),
    })),
    options: help
      .visibleOptions(command)
      .filter((each) => each.long !== '--help')
      .map((each) => ({ term: help.optionTerm(each), description: help.optionDescription(each) })),
    examples: examplesOf(command),
  };
}
