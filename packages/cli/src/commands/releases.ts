import type { Command } from 'commander';
import { faint, strong } from '../output.ts';
import { ago, shortCommit } from '../render/run.ts';
import { meantService } from '../repository.ts';
import { talks, wholeNumber } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]')
    .option('-e, --env <name>', 'of this one', 'production')
    .option('--limit <number>', 'at most so many', '20');
  talks<{ env: string; limit: string }>(command, async ({ client, output }, options, named) => {
    const params = { service: meantService(named), environment: options.env };
    const page = await client.call('listReleases', { params, query: { limit: wholeNumber(options.limit, '--limit') } });
    if (page.releases.length === 0) output.line('No releases.');
    for (const each of page.releases) {
      const why = each.copiedFrom === null ? each.cause : `${each.cause} to v${each.copiedFrom}`;
      const run = each.run === null ? '' : `  #${each.run}`;
      const line = `v${each.version} ${shortCommit(each.commit)}  ${why}${run}  by ${each.createdBy}  ${faint(ago(each.createdAt))}`;
      output.line(each.live ? `${strong(line)}  ← live` : line);
    }
    return page;
  });
}
