import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createOutput } from '../output.ts';
import { bringDown } from '../system/down.ts';
import { currentUser, defaultDataFolder } from '../system/layout.ts';

interface Options {
  readonly data?: string;
  readonly keepServices?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .option('--data <folder>', 'the data folder (default: $TOWPATH_DATA, or the one of `towpath up`)')
    .option('--keep-services', 'leave the router and the services running; only the control plane stops')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nStops everything: running stages, services, router, servers, PostgreSQL. No data is removed; `towpath up` brings it back.',
    )
    .action(async (options: Options) => {
      const output = createOutput(options.json === true);
      const user = currentUser();
      const data = resolve(options.data ?? defaultDataFolder(user, process.env));
      const began = performance.now();
      const answer = await bringDown({ data, user, keepServices: options.keepServices === true, progress: output });
      if (!answer.stopped) output.line(`Nothing of Towpath ran in ${answer.data}.`);
      else if (answer.kept.length > 0) output.done('Stopped; router and services go on', performance.now() - began);
      else output.done(`Stopped; the data stays in ${answer.data}`, performance.now() - began);
      output.result(answer);
    });
}
