import type { Command } from 'commander';
import { renderRun, runJson } from '../render/run.ts';
import { talks, wholeNumber } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('<run>');
  talks(command, async ({ client, output }, _options, word) => {
    const run = await client.call('getRun', { params: { run: wholeNumber(word, 'the run') } });
    renderRun(output, run);
    return runJson(run);
  });
}
