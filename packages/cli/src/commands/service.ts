import type { Command } from 'commander';
import { renderSettings } from '../render/settings.ts';
import { meantService } from '../repository.ts';
import { addSettings, patchFrom, type SettingsOptions } from '../settings-options.ts';
import { examples, misused, talks } from '../verb.ts';

export function configure(command: Command): void {
  const show = command.command('show').argument('[service]').description('Shows the settings.');
  talks(show, async ({ client, output }, _options, named) => {
    const service = await client.call('getService', { params: { service: meantService(named) } });
    renderSettings(output, service.settings);
    return service;
  });
  const set = command
    .command('set')
    .argument('[service]')
    .description('Changes settings; an empty text takes a value back to detection. Holds from the next run on.');
  addSettings(set);
  examples(
    set,
    'towpath service set api --test "pytest" --health /healthz',
    'towpath service set --build ""      found in each commit again',
    'towpath service set web --static public',
  );
  talks<SettingsOptions>(set, async ({ client, output }, options, named) => {
    const body = patchFrom(options);
    if (Object.keys(body).length === 0)
      throw misused('nothing to change', 'Give a setting: towpath service set api --test "npm test"');
    const service = await client.call('updateService', { params: { service: meantService(named) }, body });
    output.done(`${service.name} is changed, from the next run on`);
    renderSettings(output, service.settings);
    return service;
  });
}
