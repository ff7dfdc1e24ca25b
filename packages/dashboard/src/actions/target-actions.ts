import type { ReleaseView, TargetView } from '@towpath/contract';
import { client } from '../transport/client.ts';
import { command } from '../words/commands.ts';
import { paths, serviceKey, shortCommit } from '../words/path.ts';
import type { Action } from './action.ts';

export interface Owner {
  readonly project: string;
  readonly name: string;
}

/** The name as people type it: the project only where it is not the one that everybody begins with. */
const typed = ({ project, name }: Owner): string => (project === 'main' ? name : serviceKey(project, name));
/** Most commands mean production when no environment is named. */
const env = (environment: string): { e?: string } => (environment === 'production' ? {} : { e: environment });
const reasoned = (text: string): { reason?: string } => (text === '' ? {} : { reason: text });
const releaseText = ({ version, commit }: Pick<ReleaseView, 'version' | 'commit'>): string =>
  `v${version} (${shortCommit(commit)})`;

/** Something is live, and it was not the first. */
export const canGoBack = ({ release }: TargetView): boolean => release !== null && release.version > 1;

/** @param to null: the release before the live one */
export function rollback(owner: Owner, target: TargetView, to: ReleaseView | null): Action {
  const { environment, release } = target;
  const where = to === null ? 'the release before' : `v${to.version}`;
  const params = { service: serviceKey(owner.project, owner.name), environment };
  return {
    label: to === null ? 'Roll back' : `Roll back to v${to.version}`,
    title: `Roll ${environment} back to ${where}?`,
    says: [
      `${to === null ? 'The release that was live before' : releaseText(to)} takes the requests of ${environment}${
        release === null ? '' : ` in place of ${releaseText(release)}`
      }, as a new release with the config it had. Nothing is built: the stored artifact is started, probed and switched to.`,
      target.interrupts
        ? 'It keeps a data folder: the old release stops before the other one starts, so requests wait or fail meanwhile.'
        : 'Requests under way are finished by the old release; none is lost.',
      `Afterwards ${environment} is held: pushes don't deploy there until somebody lifts the hold.`,
    ],
    confirm: 'Roll back',
    danger: true,
    field: { label: 'Reason', placeholder: 'wrong totals' },
    command: (reason) =>
      command('rollback', [typed(owner)], {
        ...env(environment),
        to: to === null ? undefined : `v${to.version}`,
        reason,
      }),
    act: async (reason) => {
      const body = { ...(to === null ? {} : { version: to.version }), ...reasoned(reason) };
      const { version } = await client.call('rollback', { params, body });
      return { said: `${owner.name} goes back in ${environment}, as v${version}` };
    },
  };
}

/** @param version null: what is live there */
export function promote(owner: Owner, from: string, to: string, release: ReleaseView | null): Action {
  const params = { service: serviceKey(owner.project, owner.name), environment: to };
  const what = release === null ? `what is live in ${from}` : releaseText(release);
  return {
    label: `Promote to ${to}`,
    title: `Promote ${release === null ? from : `v${release.version} of ${from}`} to ${to}?`,
    says: [
      `${what} becomes a new release of ${to}: the same artifact, with the settings and config of ${to}.`,
      'No stage runs again, and no approval is asked for: this is one.',
      `A hold on ${to} does not stop it, and stays.`,
    ],
    confirm: 'Promote',
    command: () =>
      command('promote', [typed(owner)], {
        ...env(to),
        from,
        release: release === null ? undefined : `v${release.version}`,
      }),
    act: async () => {
      const body = { from, ...(release === null ? {} : { version: release.version }) };
      const { version } = await client.call('promote', { params, body });
      return { said: `${owner.name} is on its way to ${to}, as v${version}` };
    },
  };
}

export function hold(owner: Owner, environment: string): Action {
  const params = { service: serviceKey(owner.project, owner.name), environment };
  return {
    label: 'Hold',
    title: `Hold ${environment}?`,
    says: [
      `Pushes to ${owner.name} are still tested and built, but not deployed to ${environment} until the hold is lifted.`,
      'What is live stays live. Promote and roll back go past a hold.',
    ],
    confirm: 'Hold',
    field: { label: 'Reason', placeholder: 'the sale is on' },
    command: (reason) => command('hold', [typed(owner)], { ...env(environment), reason }),
    act: async (reason) => {
      await client.call('hold', { params, body: reasoned(reason) });
      return { said: `${owner.name} is held in ${environment}` };
    },
  };
}

export function unhold(owner: Owner, environment: string): Action {
  const params = { service: serviceKey(owner.project, owner.name), environment };
  return {
    label: 'Lift the hold',
    title: `Lift the hold on ${environment}?`,
    says: [`The next run of ${owner.name} deploys to ${environment} again. Nothing is deployed by this alone.`],
    confirm: 'Lift the hold',
    command: () => command('unhold', [typed(owner)], env(environment)),
    act: async () => {
      await client.call('unhold', { params });
      return { said: `${environment} is open again for ${owner.name}` };
    },
  };
}

export function deploy(owner: Owner): Action {
  const service = serviceKey(owner.project, owner.name);
  return {
    label: 'Deploy a branch',
    title: `Deploy a branch of ${owner.name}`,
    says: [
      'A run starts for the newest commit of the branch as it was pushed last, and goes the whole path.',
      'Without a branch: the main one.',
    ],
    confirm: 'Start the run',
    field: { label: 'Branch', placeholder: 'main' },
    command: (branch) => command('deploy', [typed(owner)], { branch }),
    act: async (branch) => {
      const body = branch === '' ? {} : { branch };
      const { run } = await client.call('startRun', { params: { service }, body });
      return { said: `#${run} is started`, to: paths.run(run) };
    },
  };
}

/** What can be done with a service in one environment, the most urgent first. @param next the environment behind it in the path */
export function targetActions(owner: Owner, target: TargetView, next: string | null): Action[] {
  const { environment, release } = target;
  return [
    ...(canGoBack(target) ? [rollback(owner, target, null)] : []),
    ...(release === null || next === null ? [] : [promote(owner, environment, next, null)]),
    target.hold === null ? hold(owner, environment) : unhold(owner, environment),
  ];
}
