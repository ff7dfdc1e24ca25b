import { Status } from '@towpath/contract';
import type { Command } from 'commander';
import { renderRuns } from '../render/run.ts';
import { examples, misused, talks, wholeNumber } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]', 'only of this one (default: all)')
    .option('--status <word>', `only these: ${Status.options.join(', ')}`)
    .option('--branch <name>', 'only of this branch')
    .option('--before <run>', 'only older ones')
    .option('--limit <number>', 'at most so many', '20');
  examples(command, 'towpath runs api --status failed', 'towpath runs --before 120 --limit 50');
  talks<{ status?: string; branch?: string; before?: string; limit: string }>(
    command,
    async ({ client, output }, options, service) => {
      const status = options.status === undefined ? undefined : Status.safeParse(options.status);
      if (status?.success === false)
        throw misused(`"${options.status}" is not a status`, `Use one of ${Status.options.join(', ')}.`);
      const before = options.before === undefined ? undefined : wholeNumber(options.before, '--before');
      const limit = wholeNumber(options.limit, '--limit');
      const page = await client.call('listRuns', {
        query: { service, status: status?.data, branch: options.branch, before, limit },
      });
      if (page.runs.length === 0) output.line('No runs.');
      renderRuns(output, page.runs);
      return page;
    },
  );
}
