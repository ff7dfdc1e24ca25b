import { type ProjectView, type SettingsLayer, type SettingsPatch, TowpathError } from '@towpath/contract';
import { applyPatch } from '../domain/path/patch.ts';
import { type Db, transaction } from '../store/connect.ts';
import { environmentsOf, findProject, projectsOf, takeProject } from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import { listServices, projectSettings, saveProjectSettings } from '../store/services.ts';
import { operation } from './operation.ts';

export const listProjects = operation('read', async ({ db }): Promise<{ projects: ProjectView[] }> => {
  const projects = await projectsOf(db);
  return { projects: await Promise.all(projects.map((each) => projectView(db, each))) };
});

export const getProject = operation(
  'read',
  async ({ db }, _actor, input: { project: string }): Promise<ProjectView> =>
    projectView(db, await findProject(db, input.project)),
);

/** Changes what holds for all services of a project that don't say otherwise; it holds from the next run on. */
export const updateProject = operation(
  'project.write',
  async ({ db }, actor, input: { project: string; patch: SettingsPatch }): Promise<ProjectView> => {
    await transaction(db, async (tx) => {
      // Of two changes at once each keeps the other's: what is read now nobody else writes.
      const { id, name } = await takeProject(tx, input.project);
      const settings = applyPatch(await projectSettings(tx, id), input.patch);
      refusePlaces(settings);
      await saveProjectSettings(tx, id, settings);
      await appendEvent(tx, {
        name: 'project.changed',
        actor: actor.name,
        subject: `project/${id}`,
        data: { project: name, ...input.patch },
      });
    });
    return projectView(db, await findProject(db, input.project));
  },
);

/** Where a service lies is its own: nothing would come of it here. */
function refusePlaces(settings: SettingsLayer): void {
  for (const name of ['folder', 'branch'] as const) {
    if (settings[name] === undefined) continue;
    throw new TowpathError('bad_request', `settings.${name}: belongs to each service, not to its project`, {
      help: `Give it to the service: \`towpath service set <service> --${name} …\`, or when it is made by \`towpath init\`.`,
    });
  }
}

async function projectView(db: Db, { id, name }: { id: number; name: string }): Promise<ProjectView> {
  const [settings, services, environments] = [
    await projectSettings(db, id),
    await listServices(db, id),
    await environmentsOf(db, id),
  ];
  return {
    name,
    settings,
    services: services.map((each) => each.name),
    environments: environments.map((each) => each.name),
  };
}
