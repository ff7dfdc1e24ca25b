import { Command, CommanderError } from 'commander';
import { verbs } from './command.ts';
import { errorText } from './output.ts';
import { Misuse } from './verb.ts';
import { readVersion } from './version.ts';

const failure = 1;
const misuse = 2;

/**
 * Runs one command line and returns the exit code: 0, 1 when it failed, 2 when it was not understood.
 * Only the module of the verb that is asked for gets loaded.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const asked = argv.find((word) => !word.startsWith('-'));
  const wanted = asked === 'help' ? argv[argv.indexOf(asked) + 1] : asked;
  try {
    const program = await buildProgram((name) => name === wanted);
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own already: help and version (0), or what is wrong with the line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : misuse;
    process.stderr.write(errorText(error));
    return error instanceof Misuse ? misuse : failure;
  }
}

/** The whole command line; of the verbs that are wanted with arguments and options, of the others by name. */
export async function buildProgram(wanted: (verb: string) => boolean): Promise<Command> {
  const program = new Command('towpath')
    .description('One paved path from git push to production.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${text.trimEnd()}\n→ towpath --help\n`) });
  for (const [name, { summary, load }] of Object.entries(verbs)) {
    const command = program
      // git asks for that one; people don't.
      .command(name, { hidden: summary === '' })
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`);
    if (wanted(name)) (await load()).configure(command, buildProgram);
  }
  return program;
}
