import { z } from 'zod';
import { SettingsPatch } from '../setting-fields.ts';
import { SettingsLayer } from '../settings.ts';
import { Name } from '../words.ts';
import type { RouteSpec } from './route.ts';

export const ProjectView = z.object({
  name: Name,
  /** What holds for all of its services where they don't say otherwise; what is absent is found in every commit, or a default. */
  settings: SettingsLayer,
  services: z.array(Name),
  /** In the order in which a run enters them. */
  environments: z.array(Name),
});
export type ProjectView = z.infer<typeof ProjectView>;

const project = z.object({ project: z.string() });

export const projectRoutes = {
  listProjects: {
    method: 'GET',
    path: '/api/projects',
    policy: 'read',
    summary: 'Every project with its settings, services and environments.',
    answer: z.object({ projects: z.array(ProjectView) }),
  },
  getProject: {
    method: 'GET',
    path: '/api/projects/:project',
    policy: 'read',
    summary: 'One project with its settings, services and environments.',
    params: project,
    answer: ProjectView,
  },
  updateProject: {
    method: 'PATCH',
    path: '/api/projects/:project',
    policy: 'project.write',
    summary:
      'Changes what holds for all services of the project that do not say otherwise; null takes a value back. Holds from the next run on.',
    params: project,
    body: SettingsPatch,
    answer: ProjectView,
  },
} as const satisfies Record<string, RouteSpec>;
