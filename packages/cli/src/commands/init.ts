import { basename } from 'node:path';
import { type FoundView, isCode, type SettingsLayer, settingDefaults } from '@towpath/contract';
import type { Command } from 'commander';
import { ask } from '../ask.ts';
import { lookAt } from '../found.ts';
import { copyable } from '../output.ts';
import { foundText } from '../render/found.ts';
import { hanging } from '../render/text.ts';
import { currentBranch, notedServices, noteService, repositoryAround } from '../repository.ts';
import { credentialHelper } from '../session.ts';
import { addSettings, type SettingsOptions, settingsFrom } from '../settings-options.ts';
import { examples, type Talk, talks, usage } from '../verb.ts';

interface Options extends SettingsOptions {
  readonly name?: string;
  readonly project?: string;
  readonly yes?: boolean;
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
  talks<Options>(command, async (talk, options) => {
    const { output } = talk;
    const { top, inside } = repositoryAround(process.cwd());
    const found = await look(talk, top, inside);
    const others = offered(found, inside);
    const here =
      others.length === 0 || options.name !== undefined || found?.services.some((each) => each.folder === '.');
    const services = here ? [await make(talk, options, top, inside, found)] : [];
    const asked = canAsk(talk, options);
    for (const { folder, kind } of others) {
      const name = asName(basename(folder));
      if (notedServices(top).some((each) => each.folder === folder)) continue;
      if (asked && (await agreed(`Make ${folder} (${kind.value}) a service "${name}"?`))) {
        services.push(await make(talk, forOther(options), top, folder, await look(talk, top, folder)));
      } else {
        output.line(`  ${folder} (${kind.value}) is a service, too: ${copyable(`cd ${folder} && towpath init`)}`);
      }
    }
    const [first] = services;
    return { ...first, ...(others.length === 0 ? {} : { services, offered: others.map((each) => each.folder) }) };
  });
}

/** Services below the top that can be made one by one; of a folder none, for that one is meant. */
function offered(found: FoundView | null, inside: string): FoundView['services'] {
  return inside === '.' && found !== null ? found.services.filter((each) => each.folder !== '.') : [];
}

/** Commands and name are of one service; the project and how to ask are of all. */
const forOther = ({ project, yes }: Options): Options => ({
  ...(project === undefined ? {} : { project }),
  ...(yes === undefined ? {} : { yes }),
});

const canAsk = ({ output }: Talk, { yes }: Options): boolean => !output.json && yes !== true && process.stdin.isTTY;

/** Asked where somebody sits in front. */
async function agreed(question: string): Promise<boolean> {
  const unasked = { message: 'nobody can be asked here', help: 'Add --yes.' };
  return /^(y(es)?)?$/i.test(await ask(`${question} [Y/n] `, unasked));
}

/** What is found here. That it cannot be told is no reason to make no service: it is found in every commit. */
async function look({ client, output }: Talk, top: string, folder: string): Promise<FoundView | null> {
  output.doing('looks at the files');
  try {
    return await lookAt(client, top, folder);
  } catch (error) {
    if (!isCode(error, 'unreadable_manifest') && !isCode(error, 'too_large')) throw error;
    output.warn(`${error.message}. ${error.help}`);
    return null;
  }
}

async function make(talk: Talk, options: Options, top: string, inside: string, found: FoundView | null) {
  const { client, output } = talk;
  const name = options.name ?? asName(basename(inside === '.' ? top : inside));
  if (found !== null) output.line(hanging('', 0, foundText(found), output.width));
  for (const { text, origin, help } of found?.notices ?? []) output.warn(`${text} (${origin}). ${help}`);
  const answered = await answer(talk, options, name, found);
  const settings: SettingsLayer = {
    branch: currentBranch(top),
    ...(inside === '.' ? {} : { folder: inside }),
    ...settingsFrom(options),
    ...answered,
  };
  const body = { name, settings, ...(options.project === undefined ? {} : { project: options.project }) };
  const service = await client.call('createService', { body });
  const reference = `${service.project}/${service.name}`;
  const others = notedServices(top).filter((each) => each.service !== reference);
  const remote = others.some((each) => each.remote === 'towpath') ? `towpath-${service.name}` : 'towpath';
  noteService(top, { service: reference, remote, folder: inside }, service.gitUrl, credentialHelper());
  const what = service.created ? 'is made' : 'was there already';
  output.done(`${reference} ${what}: its remote is ${copyable(remote)}`);
  if (!service.created && keepsOther(service.settings, { ...settingsFrom(options), ...answered })) {
    output.warn(`its settings are as they were; change them with ${copyable(`towpath service set ${service.name} …`)}`);
  }
  output.line(`  next: ${copyable(`git push ${remote} ${service.settings.branch ?? settingDefaults.branch}`)}`);
  const environments = service.environments.map(({ environment, url }) => ({ name: environment, url }));
  const { project, gitUrl, created } = service;
  return { service: service.name, project, created, remote, gitUrl, environments, found };
}

/** What the person at the terminal says where detection has a question; elsewhere the question with the option that answers it. */
async function answer(
  talk: Talk,
  options: Options,
  name: string,
  found: FoundView | null,
): Promise<Pick<SettingsLayer, 'start'>> {
  if (found === null || found.question === null) return {};
  if (options.start !== undefined || options.static !== undefined) return {};
  if (canAsk(talk, options)) {
    const unasked = { message: 'nobody can be asked here', help: 'Add --yes.' };
    const start = await ask(`${found.question} (nothing: later) > `, unasked);
    if (start !== '') return { start };
  }
  const later = `towpath service set ${name} --start "…", or --static <folder>`;
  talk.output.warn(`${found.question}. Tell it before you push: ${later}`);
  return {};
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
