import type { Command } from 'commander';
import { meantService } from '../repository.ts';
import { examples, talks } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('[service]').option('-e, --env <name>', 'where', 'production').option('--reason <text>', 'why');
  examples(command, 'towpath hold api --reason "the sale is on"');
  talks<{ env: string; reason?: string }>(command, async ({ client, output }, options, named) => {
    const params = { service: meantService(named), environment: options.env };
    const service = await client.call('hold', { params, body: { reason: options.reason } });
    output.done(`${service.name} is held in ${options.env}: pushes don't deploy there, promote does`);
    return service;
  });
}
