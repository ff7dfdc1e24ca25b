import type { StageView } from '@towpath/contract';

/** Where each room is. */
export const paths = {
  board: () => '/',
  service: (project: string, service: string) => `/services/${project}/${service}`,
  releases: (project: string, service: string, environment: string) =>
    `/services/${project}/${service}/releases/${environment}`,
  logs: (project: string, service: string, environment: string) =>
    `/services/${project}/${service}/logs/${environment}`,
  runs: () => '/runs',
  run: (run: number) => `/runs/${run}`,
  jobs: () => '/jobs',
  job: (job: number) => `/jobs/${job}`,
  activity: () => '/activity',
  approvals: () => '/approvals',
  system: () => '/system',
} as const;

/** As the API and the command line name a stage: `deploy/staging`. */
export const stageKey = ({ kind, environment }: Pick<StageView, 'kind' | 'environment'>): string =>
  environment === null ? kind : `${kind}/${environment}`;

/** As a parameter of the API: the name alone would be unclear where two projects have it. */
export const serviceKey = (project: string, service: string): string => `${project}/${service}`;

export const shortCommit = (commit: string): string => commit.slice(0, 7);
