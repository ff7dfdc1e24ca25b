import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { talks } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]')
    .option('-e, --environment <name>', 'where', 'production')
    .option('--reason <text>', 'why');
  talks<{ environment: string; reason?: string }>(command, async ({ client, output }, options, named) => {
    const params = { service: meantService(named), environment: options.environment };
    const service = await client.call('hold', { params, body: { reason: options.reason } });
    output.done(`${service.name} is held in ${options.environment}: pushes don't deploy there, promote does`);
    return service;
  });
}
