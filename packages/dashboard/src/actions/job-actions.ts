import type { JobView } from '@towpath/contract';
import { client } from '../transport/client.ts';
import { jobName } from '../words/job.ts';
import type { Action } from './action.ts';

export const cancelJob = (job: JobView): Action => ({
  label: 'Cancel',
  title: `Cancel job ${job.job}?`,
  says: [
    `${jobName(job)} and everything that it started are ended; what it has done stays done.`,
    `The release that is live in ${job.environment} is not touched.`,
  ],
  confirm: 'Cancel the job',
  danger: true,
  command: null,
  act: async () => {
    await client.call('cancelJob', { params: { job: job.job } });
    return { said: `job ${job.job} is being cancelled` };
  },
});
