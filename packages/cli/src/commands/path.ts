import type { Command } from 'commander';
import { renderPath } from '../render/path.ts';
import { meantService } from '../repository.ts';
import { examples, talks } from '../verb.ts';

interface Options {
  readonly branch?: string;
  readonly env?: string;
}

export function configure(command: Command): void {
  command
    .argument('[service]')
    .description(
      'Shows the stages that the newest commit of a branch would go through, and every setting with its origin.',
    )
    .option('--branch <name>', "the branch (default: that of the environment, or the service's main branch)")
    .option('-e, --env <name>', 'the way to this one only, whatever its branch is');
  examples(
    command,
    'towpath path                          the main branch of the service of this folder, as it was pushed last',
    'towpath path api -e production        with the settings that hold there',
    'towpath path api --branch fix --json',
  );
  talks<Options>(command, async ({ client, output }, { branch, env: environment }, named) => {
    output.doing('reads the commit');
    const path = await client.call('showPath', {
      params: { service: meantService(named) },
      query: { branch, environment },
    });
    renderPath(output, path);
    return path;
  });
}
