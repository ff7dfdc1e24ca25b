import type { Command } from 'commander';
import { renderService } from '../render/service.ts';
import { meantService } from '../repository.ts';
import { examples, talks, wholeNumber } from '../verb.ts';
import { deploymentEnd } from '../wait.ts';

export function configure(command: Command): void {
  command
    .argument('<replicas>')
    .argument('[service]')
    .option('-e, --env <name>', 'where', 'production')
    .option('-p, --process <name>', 'which process: http, or the name of a worker', 'http');
  examples(command, 'towpath scale 3 api', 'towpath scale 0 -e staging', 'towpath scale 2 api -p mailer');
  talks<{ env: string; process: string }>(command, async ({ client, output }, options, count, named) => {
    const params = { service: meantService(named), environment: options.env };
    const asked = await client.call('scale', {
      params,
      body: { replicas: wholeNumber(count, 'the number of replicas'), process: options.process },
    });
    const open = asked.environments.find((each) => each.environment === options.env)?.deployment ?? null;
    if (open !== null) await deploymentEnd(client, open);
    const service = await client.call('getService', { params: { service: params.service } });
    renderService(output, service);
    return service;
  });
}
