import type { Command } from 'commander';
import { renderRunLine } from '../render/run.ts';
import { talks, wholeNumber } from '../verb.ts';

interface Options {
  readonly environment?: string;
  readonly decline?: boolean;
  readonly comment?: string;
}

export function configure(command: Command): void {
  command
    .argument('<run>')
    .option('-e, --environment <name>', 'only if it waits for this one')
    .option('--decline', 'say no: the run ends')
    .option('--comment <text>', 'is kept with the answer');
  talks<Options>(command, async ({ client, output }, options, word) => {
    const { environment, comment } = options;
    const body = { environment, comment, approve: options.decline !== true };
    const run = await client.call('approve', { params: { run: wholeNumber(word, 'the run') }, body });
    output.done(`#${run.run} ${options.decline === true ? 'declined' : 'approved'}`);
    output.line(renderRunLine(run));
    return run;
  });
}
