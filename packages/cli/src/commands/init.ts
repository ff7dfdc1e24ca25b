import { basename } from 'node:path';
import { type SettingsLayer, settingDefaults } from '@towpath/contract';
import type { Command } from 'commander';
import { copyable } from '../output.ts';
import { currentBranch, notedServices, noteService, repositoryAround } from '../repository.ts';
import { credentialHelper } from '../session.ts';
import { addSettings, type SettingsOptions, settingsFrom } from '../settings-options.ts';
import { examples, talks, usage } from '../verb.ts';

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
  examples(
    command,
    'towpath init                             commands are found in package.json, Procfile, index.html',
    'towpath init --test "pytest" --start "gunicorn app:app --bind 127.0.0.1:\\$PORT"',
    'cd services/web && towpath init --name web --static public',
  );
  talks<Options>(command, async ({ client, output }, options) => {
    const { top, inside } = repositoryAround(process.cwd());
    const name = options.name ?? asName(basename(inside === '.' ? top : inside));
    const settings: SettingsLayer = {
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
    const what = service.created ? 'is made' : 'was there already';
    output.done(`${reference} ${what}: its remote is ${copyable(remote)}`);
    if (!service.created && keepsOther(service.settings, settingsFrom(options))) {
      output.warn(
        `its settings are as they were; change them with ${copyable(`towpath service set ${service.name} …`)}`,
      );
    }
    output.line(`  next: ${copyable(`git push ${remote} ${service.settings.branch ?? settingDefaults.branch}`)}`);
    const environments = service.environments.map(({ environment, url }) => ({ name: environment, url }));
    const { project, gitUrl, created } = service;
    return { service: service.name, project, created, remote, gitUrl, environments };
  });
}

/** Was something given that the service, which was there before, does not have? */
const keepsOther = (has: SettingsLayer, given: SettingsLayer): boolean =>
  Object.entries(given).some(([name, value]) =>
    Object.entries(has).every(([other, now]) => other !== name || JSON.stringify(now) !== JSON.stringify(value)),
  );

/** A folder's name as a service may be called. */
export function asName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  if (name === '')
    throw usage(`the name of the folder "${folder}" gives no name for a service`, 'Give one: towpath init --name …');
  return name;
}
