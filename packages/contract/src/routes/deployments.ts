import { z } from 'zod';
import { DeploymentView } from '../views.ts';
import { id, type RouteSpec, Targeted } from './route.ts';

const deployment = z.object({ deployment: id });

export const deploymentRoutes = {
  getDeployment: {
    method: 'GET',
    path: '/api/deployments/:deployment',
    policy: 'read',
    summary: 'One deployment with its ledger.',
    params: deployment,
    answer: DeploymentView,
  },
  waitDeployment: {
    method: 'GET',
    path: '/api/deployments/:deployment/wait',
    policy: 'read',
    summary: 'Answers when the deployment ended, or after timeoutMs.',
    params: deployment,
    query: z.object({ timeoutMs: z.coerce.number().int().min(0).max(60_000).default(30_000) }),
    answer: DeploymentView,
  },
  listDeployments: {
    method: 'GET',
    path: '/api/deployments',
    policy: 'read',
    summary: 'Deployments, newest first.',
    query: Targeted,
    answer: z.object({ deployments: z.array(DeploymentView), next: z.int().nullable() }),
  },
} as const satisfies Record<string, RouteSpec>;
