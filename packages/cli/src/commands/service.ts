import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { meantService } from '../repository.ts';
import { addSettings, patchFrom, type SettingsOptions } from '../settings-options.ts';
import { talks, usage } from '../verb.ts';

export function configure(command: Command): void {
  const show = command.command('show').argument('[service]').description('Shows the settings.');
  talks(show, async ({ client, output }, _options, named) => {
    const service = await client.call('getService', { params: { service: meantService(named) } });
    showSettings(output, service.settings);
    return service;
  });
  const set = command
    .command('set')
    .argument('[service]')
    .description('Changes settings; an empty text takes a value back to detection. Holds from the next run on.');
  addSettings(set);
  talks<SettingsOptions>(set, async ({ client, output }, options, named) => {
    const body = patchFrom(options);
    if (Object.keys(body).length === 0)
      throw usage('nothing to change', 'Give a setting: towpath service set api --test "npm test"');
    const service = await client.call('updateService', { params: { service: meantService(named) }, body });
    output.done(`${service.name}: ${Object.keys(body).join(', ')} changed, from the next run on`);
    showSettings(output, service.settings);
    return service;
  });
}

function showSettings(output: Output, settings: object): void {
  output.fields(Object.entries(settings).map(([name, value]) => [name, String(value)] as const));
}
