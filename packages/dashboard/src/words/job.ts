import type { JobView } from '@towpath/contract';

/** What a job is called: the one that its service declares, or the program of a command that somebody gave. */
export const jobName = ({ process, program }: Pick<JobView, 'process' | 'program'>): string =>
  process ?? program ?? 'a command';
