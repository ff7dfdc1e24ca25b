import type { Command } from 'commander';
import { renderRunLine } from '../render/run.ts';
import { examples, talks, wholeNumber } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('<run>')
    .option('--from <stage>', 'begin with this stage, or with an earlier one that did not succeed (default: that one)');
  examples(command, 'towpath rerun 3', 'towpath rerun 3 --from deploy/staging');
  talks<{ from?: string }>(command, async ({ client, output }, options, word) => {
    const run = await client.call('rerun', {
      params: { run: wholeNumber(word, 'the run') },
      body: { from: options.from },
    });
    renderRunLine(output, run);
    return run;
  });
}
