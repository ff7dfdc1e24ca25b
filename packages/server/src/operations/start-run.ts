import { type RunSummary, settingDefaults, TowpathError, type Trigger } from '@towpath/contract';
import { entered, givenLayers, repositoryFileOf } from '../domain/path/given.ts';
import { type KeptLayer, resolveKept } from '../domain/path/kept.ts';
import { type PathEnvironment, planPath } from '../domain/path/plan.ts';
import { wantsRun } from '../domain/path/triggers.ts';
import { failpoint } from '../failpoints.ts';
import type { CommitDescription } from '../sources/source.ts';
import { type Db, transaction } from '../store/connect.ts';
import { environmentsOf, unknownEnvironment } from '../store/environments.ts';
import { insertRun, newestPushOf, type RunRow } from '../store/runs.ts';
import {
  branchOf,
  findService,
  lockService,
  mainBranch,
  projectSettings,
  repositoryOf,
  type ServiceRow,
} from '../store/services.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { runSummary } from './show/run.ts';

/**
 * Starts a run for what was pushed: a branch's newest commit, or a commit; to one environment only when it is named. Without a branch that
 * of the environment, else the service's main branch.
 */
export const startRun = operation(
  'deploy',
  async (
    house,
    actor,
    input: {
      service: string;
      branch?: string | undefined;
      commit?: string | undefined;
      environment?: string | undefined;
    },
  ): Promise<RunSummary> => {
    const service = await findService(house.db, input.service);
    const { branch, commit } = await whatToRun(house, service, input);
    const described = await describe(house, service, commit);
    if (described === null) throw unknownCommit(service, commit);
    const request: RunRequest = {
      service,
      branch,
      commit,
      trigger: 'api',
      requestedBy: actor.name,
      environment: input.environment,
    };
    const written = transaction(house.db, async (db) =>
      writeRun(db, request, described, await layersFor(db, service, described)),
    );
    return runSummary(await queued(written), service);
  },
);

/** The branch and the commit that are meant. Throws `empty_repository`, `unknown_branch`, `unknown_commit`. */
export async function whatToRun(
  house: House,
  service: ServiceRow,
  input: { branch?: string | undefined; commit?: string | undefined; environment?: string | undefined },
): Promise<{ branch: string; commit: string }> {
  const repository = repositoryOf(service);
  const branch = input.branch ?? (await branchMeant(house.db, service, input.environment));
  // A whole id needs no look: that it is described shows that it is there.
  if (input.commit !== undefined && wholeId.test(input.commit)) return { branch, commit: input.commit };
  const commit =
    input.commit === undefined
      ? await house.source.head(repository, branch)
      : await house.source.resolve(repository, input.commit);
  if (commit !== null) return { branch, commit };
  const branches = await house.source.branches(repository);
  if (branches.length === 0) throw new TowpathError('empty_repository', `nothing was pushed to ${service.name} yet`);
  if (input.commit !== undefined) throw unknownCommit(service, input.commit);
  const known = branches.map((each) => each.branch).join(', ');
  throw new TowpathError('unknown_branch', `${service.name} has no branch "${branch}"; it has ${known}`);
}

async function branchMeant(db: Db, service: ServiceRow, environment: string | undefined): Promise<string> {
  const named = (await environmentsOf(db, service.projectId)).find((each) => each.name === environment);
  return named === undefined ? mainBranch(service) : branchOf(named, service);
}

const wholeId = /^[0-9a-f]{40}$/;

export const unknownCommit = (service: ServiceRow, commit: string): TowpathError =>
  new TowpathError('unknown_commit', `${service.name} has no commit "${commit}"`);

export interface RunRequest {
  readonly service: ServiceRow;
  readonly branch: string;
  readonly commit: string;
  readonly trigger: Trigger;
  readonly requestedBy: string;
  /** Only to this one, whatever its branch is. */
  readonly environment?: string | undefined;
}

/** A push that starts no run, and why, in plain words. */
export interface Unwanted {
  readonly unwanted: string;
}

/**
 * Writes the run of a branch that moved; the commit that its last move gave a run for is answered with that run. Two pushes may come here
 * in the other order than git took them: the earlier one gives no run after the later one's, which it would supersede. The settings may
 * say that the branch starts none, or that none of the files that changed since the branch's last run does.
 */
export async function queuePush(house: House, request: RunRequest): Promise<RunRow | Unwanted> {
  const { service, branch, commit } = request;
  const described = await describe(house, service, commit);
  const written = transaction(house.db, async (db) => {
    await lockService(db, service.id);
    const newest = await newestPushOf(db, service.id, branch);
    if (newest !== null && newest.commit === commit) return newest;
    if (newest !== null && newest.commit === (await house.source.head(repositoryOf(service), branch))) {
      return { unwanted: `${branch} stands at ${newest.commit.slice(0, 7)} by now, which is run #${newest.id}` };
    }
    const layers = await layersFor(db, service, described);
    const { triggers } = resolveKept(layers).settings;
    const changedPaths =
      triggers?.paths === undefined || newest === null
        ? null
        : await house.source.changed(repositoryOf(service), newest.commit, commit);
    const wanted = wantsRun(triggers, { branch, changedPaths });
    return wanted.run ? writeRun(db, request, described, layers) : { unwanted: wanted.reason };
  });
  return queued(written);
}

async function queued<T extends RunRow | Unwanted>(written: Promise<T>): Promise<T> {
  const run = await written;
  failpoint('run.queued');
  return run;
}

export const describe = (house: House, service: ServiceRow, commit: string): Promise<CommitDescription | null> =>
  house.source.describe(repositoryOf(service), commit, [fileOf(service)]);

const fileOf = ({ settings }: ServiceRow): string => repositoryFileOf(settings.folder ?? settingDefaults.folder);

/** The run with its planned stages; the dispatcher starts it. */
async function writeRun(
  db: Db,
  request: RunRequest,
  described: CommitDescription | null,
  layers: KeptLayer[],
): Promise<RunRow> {
  const { message, author } = described ?? { message: '', author: '' };
  const { service, branch, commit, trigger, requestedBy } = request;
  const plan = planPath(await planned(db, request, layers));
  const { settings } = resolveKept(layers);
  const run = { serviceId: service.id, branch, commit, settings, layers, message, author, trigger, requestedBy };
  return insertRun(db, run, plan);
}

/** What is given for a run of the commit. */
export async function layersFor(
  db: Db,
  service: ServiceRow,
  described: CommitDescription | null,
): Promise<KeptLayer[]> {
  const name = fileOf(service);
  const text = described?.files.get(name);
  return givenLayers({
    project: { name: service.project, settings: await projectSettings(db, service.projectId) },
    service: service.settings,
    file: text === undefined ? null : { name, text },
  });
}

/** The environments that a run enters, and how. Throws `unknown_environment`. */
export async function planned(
  db: Db,
  { service, branch, environment }: Pick<RunRequest, 'service' | 'branch' | 'environment'>,
  layers: readonly KeptLayer[],
): Promise<PathEnvironment[]> {
  const all = await environmentsOf(db, service.projectId);
  const open = all.filter((each) => each.state === 'open');
  if (environment === undefined)
    return open.filter((each) => branchOf(each, service) === branch).map((each) => entered(each, layers));
  const named = open.filter((each) => each.name === environment);
  if (named.length === 0) throw unknownEnvironment(service.project, environment, open);
  // Asked for by name, a manual environment is entered as well.
  return named
    .map((each) => entered(each, layers))
    .map((each) => ({ ...each, admission: each.admission === 'manual' ? 'auto' : each.admission }));
}
