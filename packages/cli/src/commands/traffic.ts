import { durationMs } from '@towpath/contract';
import type { Command } from 'commander';
import { renderTraffic } from '../render/traffic.ts';
import { meantService } from '../repository.ts';
import { examples, misused, talks } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]')
    .description(
      "Shows users' requests by release, as the router counted them: how many, how many failed, how long they took.",
    )
    .option('-e, --env <name>', 'of this one', 'production')
    .option('--last <time>', 'how far back: 30s, 5m, 2h, up to 8d', '5m');
  examples(command, 'towpath traffic api', 'towpath traffic api -e staging --last 2h');
  talks<{ env: string; last: string }>(command, async ({ client, output }, options, named) => {
    const ms = durationMs(options.last);
    if (ms === null || ms < 10_000 || ms > 691_200_000) {
      throw misused(`--last is a time from 10s to 8d, not "${options.last}"`);
    }
    const params = { service: meantService(named), environment: options.env };
    const view = await client.call('traffic', { params, query: { seconds: Math.round(ms / 1_000) } });
    renderTraffic(output, view, options.last);
    return view;
  });
}
