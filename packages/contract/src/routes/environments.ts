import { z } from 'zod';
import {
  EnvironmentInput,
  EnvironmentPatch,
  EnvironmentRemoval,
  EnvironmentView,
  RemovalPlan,
  TeardownWish,
} from '../environments.ts';
import { DeploymentView } from '../views.ts';
import { Name } from '../words.ts';
import { type RouteSpec, target } from './route.ts';

const project = z.object({ project: z.string() });
const environment = z.object({ project: z.string(), environment: Name });
const list = z.object({ environments: z.array(EnvironmentView) });

/** The environments of a project, and taking a service out of one. */
export const environmentRoutes = {
  listEnvironments: {
    method: 'GET',
    path: '/api/projects/:project/environments',
    policy: 'read',
    summary: 'The environments of a project in the order in which a run enters them, with what is live.',
    params: project,
    answer: list,
  },
  addEnvironment: {
    method: 'POST',
    path: '/api/projects/:project/environments',
    policy: 'environment.write',
    summary: 'Adds an environment to the project and each of its services; a name of before goes on with its releases.',
    params: project,
    body: EnvironmentInput,
    answer: EnvironmentView,
  },
  setEnvironment: {
    method: 'PATCH',
    path: '/api/projects/:project/environments/:environment',
    policy: 'environment.write',
    summary: 'Changes branch, deployment, approval time-out or place in the order. Holds from the next run on.',
    params: environment,
    body: EnvironmentPatch,
    answer: EnvironmentView,
  },
  planRemoval: {
    method: 'GET',
    path: '/api/projects/:project/environments/:environment/removal',
    policy: 'read',
    summary: 'What removing the environment would remove, and what it would keep.',
    params: environment,
    answer: RemovalPlan,
  },
  removeEnvironment: {
    method: 'DELETE',
    path: '/api/projects/:project/environments/:environment',
    policy: 'environment.remove',
    summary: 'Removes an environment; with `teardown` also what is live there. Asks to repeat its name.',
    params: environment,
    body: EnvironmentRemoval,
    answer: z.object({ removed: z.boolean(), teardowns: z.array(DeploymentView) }),
  },
  planTeardown: {
    method: 'GET',
    path: '/api/services/:service/environments/:environment/teardown',
    policy: 'read',
    summary: 'What tearing the service down would remove, and what it would keep.',
    params: target,
    query: z.object({ config: z.stringbool().default(false) }),
    answer: RemovalPlan,
  },
  teardown: {
    method: 'DELETE',
    path: '/api/services/:service/environments/:environment',
    policy: 'teardown',
    summary: 'Takes the service out of the routes and stops it there. Asks to repeat its name.',
    params: target,
    body: TeardownWish,
    answer: DeploymentView,
  },
} as const satisfies Record<string, RouteSpec>;
