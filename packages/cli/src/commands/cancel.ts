import type { Command } from 'commander';
import { renderRunLine } from '../render/run.ts';
import { talks, wholeNumber } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('<run>');
  talks(command, async ({ client, output }, _options, word) => {
    const run = await client.call('cancel', { params: { run: wholeNumber(word, 'the run') } });
    renderRunLine(output, run);
    return run;
  });
}
