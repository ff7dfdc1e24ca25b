import type { ProjectView } from '@towpath/contract';
import type { Command } from 'commander';
import { copyable, faint, type Output, strong } from '../output.ts';
import { renderGiven } from '../render/settings.ts';
import { meantProject } from '../repository.ts';
import { addSharedSettings, patchFrom, type SettingsOptions } from '../settings-options.ts';
import { examples, misused, talks } from '../verb.ts';

export function configure(command: Command): void {
  command.description('Lists the projects, each with its services and what holds for all of them.');
  examples(command, 'towpath project', 'towpath project --json');
  talks(command, async ({ client, output }) => {
    const answer = await client.call('listProjects');
    if (answer.projects.length === 0) output.line(`No project yet. In a repository: ${copyable('towpath init')}`);
    for (const each of answer.projects) show(output, each);
    return answer;
  });
  const one = command.command('show').argument('[project]', "default: that of this folder's service, else main");
  one.description('Shows one project.');
  talks(one, async ({ client, output }, _options, named) => {
    const project = await client.call('getProject', { params: { project: meantProject(named) } });
    show(output, project);
    return project;
  });
  const set = command
    .command('set')
    .argument('[project]', "default: that of this folder's service, else main")
    .description(
      'Changes what holds for all services of the project that say nothing else themselves or in their towpath.yaml; an empty text takes a value back. Holds from the next run on.',
    );
  addSharedSettings(set);
  examples(
    set,
    'towpath project set shop --health /healthz --stage-timeout 600',
    'towpath project set --quality ""      found in each commit again',
  );
  talks<SettingsOptions>(set, async ({ client, output }, options, named) => {
    const body = patchFrom(options);
    if (Object.keys(body).length === 0)
      throw misused('nothing to change', 'Give a setting: towpath project set --health /healthz');
    const project = await client.call('updateProject', { params: { project: meantProject(named) }, body });
    output.done(`${project.name} is changed, from the next run of each service on`);
    show(output, project);
    return project;
  });
}

function show(output: Output, { name, settings, services, environments }: ProjectView): void {
  output.line(strong(name));
  output.fields([
    ['services', services.join(', ') || faint('none')],
    ['environments', environments.join(', ') || faint('none')],
  ]);
  renderGiven(output, settings);
}
