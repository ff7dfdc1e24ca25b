import type { Command } from 'commander';
import { changeVerbs } from '../config-change.ts';
import { meantService } from '../repository.ts';
import { talks } from '../verb.ts';

export function configure(command: Command): void {
  const show = command.command('show').argument('[service]').option('-e, --env <name>', 'where', 'production');
  show.description('Shows config with values, secrets by name.');
  talks<{ env: string }>(show, async ({ client, output }, options, named) => {
    const config = await client.call('getConfig', {
      params: { service: meantService(named), environment: options.env },
    });
    const secrets = config.secrets.map((name) => [name, '•••'] as const);
    const rows = [...Object.entries(config.config), ...secrets];
    if (rows.length === 0) output.line('No config.');
    else output.fields(rows);
    return config;
  });
  changeVerbs(command, 'config');
}
