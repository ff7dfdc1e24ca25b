import type { Command } from 'commander';
import { confirmed } from '../ask.ts';
import { meantService } from '../repository.ts';
import { examples, talks } from '../verb.ts';
import { watchDeployment } from '../wait.ts';

interface Options {
  readonly env: string;
  readonly config?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[service]')
    // No default: what is lost is named.
    .requiredOption('-e, --env <name>', 'where')
    .option('--config', 'its config and secrets there go, too')
    .option('-y, --yes', "don't ask")
    .option('--detach', "don't wait for its end");
  examples(
    command,
    'towpath teardown api -e qa               shows what goes, and asks',
    'towpath teardown -e qa --config --yes    in a script; with config and secrets',
  );
  talks<Options>(command, async (talk, options, named) => {
    const config = options.config === true;
    const params = { service: meantService(named), environment: options.env };
    const plan = await talk.client.call('planTeardown', { params, query: { config: config ? 'true' : 'false' } });
    const confirm = await confirmed(talk.output, plan, options.yes === true);
    const deployment = await talk.client.call('teardown', { params, body: { confirm, config } });
    return watchDeployment(talk, deployment, options.detach === true);
  });
}
