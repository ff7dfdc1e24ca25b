import { type EnvironmentInput, type EnvironmentPatch, type EnvironmentView, TowpathError } from '@towpath/contract';
import { placed } from '../domain/path/order.ts';
import { hostNames, hostProblem } from '../domain/rollout/route.ts';
import { type Db, transaction } from '../store/connect.ts';
import {
  environmentOf,
  environmentsOf,
  findProject,
  openEnvironment,
  saveOrder,
  setEnvironment as store,
  takeProject,
  unknownEnvironment,
} from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import { insertTarget, listServices } from '../store/services.ts';
import { operation } from './operation.ts';
import { environmentView } from './show/environment.ts';

/** How people name an environment. */
export interface EnvironmentReference {
  readonly project: string;
  readonly environment: string;
}

export const listEnvironments = operation(
  'read',
  async (house, _actor, input: { project: string }): Promise<{ environments: EnvironmentView[] }> => {
    const { id } = await findProject(house.db, input.project);
    const rows = await environmentsOf(house.db, id);
    return { environments: await Promise.all(rows.map((each) => environmentView(house, input.project, each))) };
  },
);

/**
 * Every service of the project gets a target and a host name there, or nothing changes. One that was removed is the same again, with the
 * releases that it had.
 */
export const addEnvironment = operation(
  'environment.write',
  async (house, actor, input: EnvironmentInput & { project: string }): Promise<EnvironmentView> => {
    const { name, branch, deploy, approvalMs, after } = input;
    const environment = await transaction(house.db, async (db) => {
      const project = await takeProject(db, input.project);
      const made = await openEnvironment(db, project.id, name, { branch, admission: deploy, approvalMs });
      if (made === null) throw await taken(db, project, name);
      for (const service of await listServices(db, project.id)) {
        const problem = hostProblem(service.name, name);
        if (problem !== null) throw new TowpathError('bad_request', `${problem}: choose another name`);
        await insertTarget(db, service.id, made, hostNames(service.name, name, house.config.domain).host);
      }
      await order(db, project, name, after === undefined ? await lastOther(db, project.id, name) : after);
      await appendEvent(db, {
        name: 'environment.added',
        actor: actor.name,
        subject: `environment/${made.id}`,
        data: { project: project.name, name, branch, deploy, approvalMs },
      });
      return made;
    });
    return environmentView(house, input.project, environment);
  },
);

/** Holds from the next run on: runs keep the stages that they were planned with. */
export const setEnvironment = operation(
  'environment.write',
  async (house, actor, input: EnvironmentReference & { patch: EnvironmentPatch }): Promise<EnvironmentView> => {
    const environment = await transaction(house.db, async (db) => {
      const project = await takeProject(db, input.project);
      const before = await environmentOf(db, project, input.environment);
      const { id, name, state } = before;
      if (state === 'closing') throw new TowpathError('environment_closing', `${name} is being removed`);
      const { branch = before.branch, deploy = before.admission, approvalMs = before.approvalMs } = input.patch;
      const same = branch === before.branch && deploy === before.admission && approvalMs === before.approvalMs;
      const moved = await order(db, project, name, input.patch.after);
      if (same && !moved) return before;
      await store(db, id, { branch, admission: deploy, approvalMs });
      await appendEvent(db, {
        name: 'environment.changed',
        actor: actor.name,
        subject: `environment/${id}`,
        data: { name, ...input.patch },
      });
      return environmentOf(db, project, name);
    });
    return environmentView(house, input.project, environment);
  },
);

async function taken(db: Db, project: { id: number; name: string }, name: string): Promise<TowpathError> {
  const { state } = await environmentOf(db, project, name);
  if (state === 'closing') return new TowpathError('environment_closing', `${name} is being removed`);
  return new TowpathError('name_taken', `project ${project.name} has an environment "${name}" already`, {
    help: `Change it: \`towpath env set ${name} …\`, or choose another name.`,
  });
}

async function lastOther(db: Db, projectId: number, name: string): Promise<string | null> {
  const others = (await environmentsOf(db, projectId)).filter((each) => each.name !== name);
  return others.at(-1)?.name ?? null;
}

/** Answers whether anything moved. */
async function order(
  db: Db,
  project: { id: number; name: string },
  name: string,
  after: string | null | undefined,
): Promise<boolean> {
  if (after === undefined) return false;
  if (after === name) throw new TowpathError('bad_request', `${name} cannot stand behind itself`);
  const known = await environmentsOf(db, project.id);
  const names = known.map((each) => each.name);
  const ordered = placed(names, name, after);
  if (ordered === null) {
    const others = known.filter((each) => each.name !== name);
    throw unknownEnvironment(project.name, after ?? '', others);
  }
  if (ordered.every((each, index) => each === names[index])) return false;
  await saveOrder(db, project.id, ordered);
  return true;
}
