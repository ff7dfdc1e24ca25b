import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Status } from '@towpath/contract';
import { client, isAway } from '../transport/client.ts';

/** Everything is kept fresh by events; what nobody is told of is asked again when a page is looked at. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      // What is away comes back: the page keeps what it has and says so.
      retry: (_count, error) => isAway(error),
      retryDelay: 1_000,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** What is kept, by what it is of. */
export const keys = {
  board: ['board'],
  run: (run: number) => ['run', run],
  runs: ['runs'],
  service: (service: string) => ['service', service],
  releases: (service: string, environment: string) => ['releases', service, environment],
  path: (service: string, environment: string | undefined) => ['path', service, environment ?? ''],
  deployments: (service: string) => ['deployments', service],
  doctor: ['doctor'],
  activity: ['activity'],
  found: (log: string, text: string) => ['found', log, text],
  job: (job: number) => ['job', job],
  jobs: ['jobs'],
} as const;

export const useBoard = () =>
  useQuery({ queryKey: keys.board, queryFn: ({ signal }) => client.call('status', { signal }) });

export const useRun = (run: number) =>
  useQuery({
    queryKey: keys.run(run),
    queryFn: ({ signal }) => client.call('getRun', { params: { run }, signal }),
  });

export interface RunFilter {
  readonly service?: string | undefined;
  readonly status?: Status | undefined;
}

const pageLength = 50;

export const useRuns = (filter: RunFilter, limit = pageLength) =>
  useInfiniteQuery({
    queryKey: [...keys.runs, filter, limit],
    queryFn: ({ pageParam, signal }) =>
      client.call('listRuns', {
        query: { ...filter, limit, ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });

export const useService = (service: string) =>
  useQuery({
    queryKey: keys.service(service),
    queryFn: ({ signal }) => client.call('getService', { params: { service }, signal }),
  });

export const useReleases = (service: string, environment: string) =>
  useInfiniteQuery({
    queryKey: keys.releases(service, environment),
    queryFn: ({ pageParam, signal }) =>
      client.call('listReleases', {
        params: { service, environment },
        query: { limit: pageLength, ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });

export const useDeployments = (service: string) =>
  useQuery({
    queryKey: keys.deployments(service),
    queryFn: ({ signal }) => client.call('listDeployments', { query: { service, limit: 100 }, signal }),
  });

export interface JobFilter {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

export const useJobs = (filter: JobFilter, limit = pageLength) =>
  useInfiniteQuery({
    queryKey: [...keys.jobs, filter, limit],
    queryFn: ({ pageParam, signal }) =>
      client.call('listJobs', {
        query: { ...filter, limit, ...(pageParam === null ? {} : { before: pageParam }) },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });

export const useJob = (job: number) =>
  useQuery({
    queryKey: keys.job(job),
    queryFn: ({ signal }) => client.call('getJob', { params: { job }, signal }),
  });

/** What happened, newest first, without the steps on the way; `live/recent.ts` knows what came since. */
export const useActivity = (service: string | undefined) =>
  useInfiniteQuery({
    queryKey: [...keys.activity, service ?? ''],
    queryFn: ({ pageParam, signal }) =>
      client.call('listEvents', {
        query: {
          ...{ order: 'newest' as const, brief: 'true', limit: 100 },
          ...(service === undefined ? {} : { service }),
          ...(pageParam === null ? {} : { before: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });

/** The newest commit's path; a service that was never pushed has none. */
export const usePath = (service: string, environment: string | undefined, pushed: boolean) =>
  useQuery({
    enabled: pushed,
    queryKey: keys.path(service, environment),
    queryFn: ({ signal }) =>
      client.call('showPath', { params: { service }, query: environment === undefined ? {} : { environment }, signal }),
  });

export const useDoctor = () =>
  useQuery({
    queryKey: keys.doctor,
    queryFn: async ({ signal }) => {
      const asked = Date.now();
      return { ...(await client.call('doctor', { signal })), asked, answered: Date.now() };
    },
    refetchInterval: 30_000,
    staleTime: 5_000,
  });
