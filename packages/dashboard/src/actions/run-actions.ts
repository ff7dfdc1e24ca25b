import { ended, type RunSummary, type StageView } from '@towpath/contract';
import { client } from '../transport/client.ts';
import { command } from '../words/commands.ts';
import { paths, shortCommit, stageKey } from '../words/path.ts';
import type { Action } from './action.ts';

type Run = Pick<RunSummary, 'run' | 'service' | 'commit' | 'branch' | 'status'>;

const given = (text: string): { comment?: string } => (text === '' ? {} : { comment: text });

/** @param environment that it waits for; null: not known here */
export const approve = ({ run, service, commit }: Run, environment: string | null): Action => ({
  label: 'Approve',
  title: `Approve #${run}${environment === null ? '' : ` for ${environment}`}?`,
  says: [
    `${service} ${shortCommit(commit)} goes on at once${environment === null ? '' : ` and is deployed to ${environment}`}.`,
    'Your name and the comment are kept with the run.',
  ],
  confirm: 'Approve',
  field: { label: 'Comment', placeholder: 'checked on staging' },
  command: (comment) => command('approve', [run], { comment }),
  act: async (comment) => {
    await client.call('approve', { params: { run }, body: { approve: true, ...given(comment) } });
    return { said: `#${run} is approved and goes on` };
  },
});

export const decline = ({ run, service, commit }: Run, environment: string | null): Action => ({
  label: 'Decline',
  title: `Decline #${run}?`,
  says: [
    `The run ends here: ${service} ${shortCommit(commit)} is not deployed${environment === null ? '' : ` to ${environment}`}.`,
    'What is live stays as it is.',
  ],
  confirm: 'Decline',
  danger: true,
  field: { label: 'Comment', placeholder: 'why not' },
  command: (comment) => command('approve', [run], { decline: true, comment }),
  act: async (comment) => {
    await client.call('approve', { params: { run }, body: { approve: false, ...given(comment) } });
    return { said: `#${run} is declined` };
  },
});

const cancel = ({ run, service }: Run): Action => ({
  label: 'Cancel',
  title: `Cancel #${run}?`,
  says: [
    'What it runs is ended, and no later stage begins.',
    `Releases of ${service} that went live before stay live; a deployment that is under way goes back to the release before.`,
  ],
  confirm: 'Cancel the run',
  danger: true,
  command: () => command('cancel', [run]),
  act: async () => {
    await client.call('cancel', { params: { run } });
    return { said: `#${run} is being cancelled` };
  },
});

/** @param stage to begin with; null: the first that did not succeed */
export const rerun = ({ run, commit }: Run, stage: StageView | null): Action => ({
  label: stage === null ? 'Rerun' : `Rerun from ${stage.name}`,
  title: stage === null ? `Run #${run} again?` : `Run #${run} again from ${stage.name}?`,
  says: [
    stage === null
      ? `The same commit ${shortCommit(commit)} goes on from the first stage that did not succeed.`
      : `The same commit ${shortCommit(commit)} goes through ${stage.name} and every stage behind it once more.`,
    'Each becomes a new attempt; earlier attempts keep their logs.',
  ],
  confirm: 'Rerun',
  command: () => command('rerun', [run], { from: stage === null ? undefined : stageKey(stage) }),
  act: async () => {
    await client.call('rerun', { params: { run }, body: stage === null ? {} : { from: stageKey(stage) } });
    return { said: `#${run} runs again`, to: paths.run(run) };
  },
});

/** What can be done with a run as it stands, the most likely first. */
export function runActions(run: Run, environment: string | null): Action[] {
  if (run.status === 'waiting') return [approve(run, environment), decline(run, environment), cancel(run)];
  return ended.has(run.status) ? [rerun(run, null)] : [cancel(run)];
}
