import { basename } from 'node:path';
import type { Settings } from '@towpath/contract';
import type { Command } from 'commander';
import { copyable } from '../output.ts';
import { currentBranch, notedServices, noteService, repositoryAround } from '../repository.ts';
import { credentialHelper } from '../session.ts';
import { addSettings, type SettingsOptions, settingsFrom } from '../settings-options.ts';
import { talks } from '../verb.ts';

interface Options extends SettingsOptions {
  readonly name?: string;
  readonly project?: string;
}

export function configure(command: Command): void {
  command
    .option('--name <name>', "the service's name (default: the folder's)")
    .option('--project <name>', 'the project that it belongs to')
    .option('-y, --yes', 'ask nothing; what is not given is detected in every commit');
  addSettings(command);
  talks<Options>(command, async ({ client, output }, options) => {
    const { top, inside } = repositoryAround(process.cwd());
    const name = options.name ?? asName(basename(inside === '.' ? top : inside));
    const settings: Settings = {
      branch: currentBranch(top),
      ...(inside === '.' ? {} : { folder: inside }),
      ...settingsFrom(options),
    };
    const body = { name, settings, ...(options.project === undefined ? {} : { project: options.project }) };
    const service = await client.call('createService', { body });
    const reference = `${service.project}/${service.name}`;
    const others = notedServices(top).filter((each) => each.service !== reference);
    const remote = others.some((each) => each.remote === 'towpath') ? `towpath-${service.name}` : 'towpath';
    noteService(top, { service: reference, remote, folder: inside }, service.gitUrl, credentialHelper());
    output.done(`${reference} is ready: its remote is ${copyable(remote)}`);
    output.line(`  next: ${copyable(`git push ${remote} ${service.settings.branch ?? 'main'}`)}`);
    const environments = service.environments.map(({ environment, url }) => ({ name: environment, url }));
    return { service: service.name, project: service.project, remote, gitUrl: service.gitUrl, environments };
  });
}

/** A folder's name as a service may be called. */
function asName(folder: string): string {
  return folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
}
