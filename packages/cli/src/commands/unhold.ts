import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { talks } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('[service]').option('-e, --env <name>', 'where', 'production');
  talks<{ env: string }>(command, async ({ client, output }, options, named) => {
    const params = { service: meantService(named), environment: options.env };
    const service = await client.call('unhold', { params });
    output.done(`${service.name} in ${options.env}: pushes deploy again`);
    return service;
  });
}
