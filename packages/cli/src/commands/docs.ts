import type { Command } from 'commander';
import type { BuildProgram } from '../command.ts';
import { find, type Topic, topics } from '../docs.ts';
import { copyable, createOutput, faint, type Output, strong } from '../output.ts';
import { examples, usage } from '../verb.ts';

export function configure(command: Command, build: BuildProgram): void {
  command
    .argument('[word...]', 'a command, a setting or an error')
    .description(
      'Shows the entry of the manual for a command, a setting or an error; without a word, all that there are.',
    )
    .option('--json', 'print one JSON document')
    .action(async (words: string[], options: { json?: boolean }) => {
      const output = createOutput(options.json === true);
      const all = topics(await build(() => true));
      const word = words.join(' ');
      if (word === '') {
        list(output, all);
        output.result({ topics: all.map(({ kind, name }) => ({ kind, name })) });
        return;
      }
      const { found, near } = find(all, word);
      if (found.length === 0) {
        const help = near.length === 0 ? 'List everything: towpath docs' : `Near it: ${near.join(', ')}`;
        throw usage(`the manual has no entry "${word}"`, help);
      }
      for (const topic of found) show(output, topic);
      output.result({ topics: found });
    });
  examples(command, 'towpath docs health', 'towpath docs service set', 'towpath docs disk_full');
}

function show(output: Output, { kind, name, lines }: Topic): void {
  output.line(`${strong(kind === 'command' ? `towpath ${name}` : name)}  ${faint(kind)}`);
  for (const line of lines) output.line(`  ${line}`);
}

function list(output: Output, all: readonly Topic[]): void {
  for (const kind of ['command', 'setting', 'error'] as const) {
    const names = all.filter((each) => each.kind === kind).map(({ name }) => name);
    output.line(strong(`${kind}s`));
    output.line(`  ${names.join(', ')}`);
  }
  output.line();
  output.line(`One of them: ${copyable('towpath docs <word>')}`);
}
