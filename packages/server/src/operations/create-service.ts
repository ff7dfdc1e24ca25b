import { type ServiceDetail, type SettingsLayer, TowpathError } from '@towpath/contract';
import { applyPatch } from '../domain/path/patch.ts';
import { hostNames, hostProblem } from '../domain/rollout/route.ts';
import { transaction } from '../store/connect.ts';
import { environmentsOf, takeProject } from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import { ensureProject, findService, insertService, insertTarget, repositoryOf } from '../store/services.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';

/** A name that ends like this would collide with the test host of a release. */
const likeTestHost = /-v\d+$/;

export interface NewService {
  readonly project: string;
  readonly name: string;
  readonly settings: SettingsLayer;
}

/**
 * Makes the service with its targets, then the repository that pushes go to; one of that name in the project is answered with as it is,
 * and gets its repository if a crash swallowed that.
 */
export const createService = operation(
  'service.create',
  async (house, actor, input: NewService): Promise<ServiceDetail & { created: boolean }> => {
    if (likeTestHost.test(input.name)) {
      throw new TowpathError(
        'bad_request',
        `"${input.name}" ends like a release's test address (-v12): choose another name`,
      );
    }
    const settings = applyPatch({}, input.settings);
    const repository = `${input.project}/${input.name}`;
    const created = await transaction(house.db, async (db) => {
      const projectId = await ensureProject(db, input.project);
      await takeProject(db, input.project);
      const made = await insertService(db, { projectId, project: input.project, name: input.name, settings });
      const service = made ?? (await findService(db, repository));
      for (const environment of await environmentsOf(db, projectId)) {
        const { host } = hostNames(service.name, environment.name, house.config.domain);
        const problem = hostProblem(service.name, environment.name);
        if (problem !== null) throw new TowpathError('bad_request', `${problem}: choose another name`);
        await insertTarget(db, service.id, environment, host);
      }
      if (made === null) return false;
      await appendEvent(db, {
        name: 'service.created',
        actor: actor.name,
        subject: `service/${service.id}`,
        data: { repository: repositoryOf(service) },
      });
      return true;
    });
    await house.source.prepare(repository);
    return { ...(await serviceDetail(house, await findService(house.db, repository))), created };
  },
);
