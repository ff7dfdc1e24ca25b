import type { Command } from 'commander';
import { runJson } from '../render/run.ts';
import { meantService } from '../repository.ts';
import { examples, talks } from '../verb.ts';
import { watchRun } from '../wait.ts';

interface Options {
  readonly branch?: string;
  readonly commit?: string;
  readonly env?: string;
  readonly detach?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[service]')
    .option(
      '--branch <name>',
      "the newest commit of this branch (default: that of the environment, or the service's main branch)",
    )
    .option('--commit <id>', 'this commit')
    .option('-e, --env <name>', 'only to this one, whatever its branch is')
    .option('--detach', "don't wait for its end");
  examples(
    command,
    'towpath deploy api                       the main branch as it was pushed last',
    'towpath deploy api --branch fix -e staging',
    'towpath deploy api --commit 054e607',
  );
  talks<Options>(command, async (talk, options, named) => {
    const { branch, commit, env: environment } = options;
    const run = await talk.client.call('startRun', {
      params: { service: meantService(named) },
      body: { branch, commit, environment },
    });
    return runJson(await watchRun(talk, run.run, options.detach === true));
  });
}
