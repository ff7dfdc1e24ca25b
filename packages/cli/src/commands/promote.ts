import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { examples, talks, wholeNumber } from '../verb.ts';
import { watchDeployment } from '../wait.ts';

interface Options {
  readonly env: string;
  readonly from?: string;
  readonly release?: string;
  readonly detach?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[service]')
    .option('-e, --env <name>', 'where to', 'production')
    .option('--from <environment>', 'where from (default: the one before it in the path)')
    .option('--release <version>', 'another release than the live one, as v12')
    .option('--detach', "don't wait for its end");
  examples(
    command,
    'towpath promote api                      what is live in staging, to production',
    'towpath promote api --from staging --release v12',
  );
  talks<Options>(command, async (talk, options, named) => {
    const version = options.release === undefined ? undefined : wholeNumber(options.release, '--release');
    const params = { service: meantService(named), environment: options.env };
    const deployment = await talk.client.call('promote', { params, body: { from: options.from, version } });
    return watchDeployment(talk, deployment, options.detach === true);
  });
}
