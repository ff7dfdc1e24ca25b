import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { talks } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('[service]').option('-e, --environment <name>', 'where', 'production');
  talks<{ environment: string }>(command, async ({ client, output }, options, named) => {
    const params = { service: meantService(named), environment: options.environment };
    const service = await client.call('unhold', { params });
    output.done(`${service.name} in ${options.environment}: pushes deploy again`);
    return service;
  });
}
