import { ended, type JobView, TowpathError } from '@towpath/contract';
import { own } from '../domain/release/config.ts';
import { type Db, transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { endJob, insertJob, type JobRow, jobById, listJobs as jobsOf, lockJob, updateJob } from '../store/jobs.ts';
import { type ReleaseRow, releasesById } from '../store/releases.ts';
import { type Target, targetsById } from '../store/targets.ts';
import type { Actor, House } from './house.ts';
import { operation } from './operation.ts';
import { iso } from './show/run.ts';
import { findTarget, liveRelease, type TargetReference } from './target.ts';
import { type TargetedQuery, targetedFilter } from './targeted.ts';
import { untilOver } from './until.ts';

interface Limited extends TargetReference {
  /** By default as long as a stage may take. */
  readonly timeoutMs?: number | undefined;
}

/** Runs a job that the live release declares, with further words behind its command. */
export const runJob = operation(
  'job.run',
  (house, actor, input: Limited & { readonly process: string; readonly args: readonly string[] }): Promise<JobView> =>
    start(house, actor, input, (release, target) => ({
      process: input.process,
      argv: withWords(declared(release, target, input.process), input.args),
    })),
);

/** Runs any command in the live release's folder, with its environment. */
export const exec = operation(
  'exec',
  (house, actor, input: Limited & { readonly command: readonly string[] }): Promise<JobView> =>
    start(house, actor, input, () => {
      const [program, ...words] = input.command;
      if (program === undefined) throw new TowpathError('bad_request', 'there is no command to run');
      return { process: null, argv: [program, ...words] };
    }),
);

async function start(
  house: House,
  actor: Actor,
  input: Limited,
  what: (release: ReleaseRow, target: Target) => Pick<JobRow, 'process' | 'argv'>,
): Promise<JobView> {
  const row = await transaction(house.db, async (db) => {
    const target = await findTarget(db, input);
    const release = await liveRelease(db, target);
    return insertJob(db, {
      ...what(release, target),
      targetId: target.row.id,
      releaseId: release.id,
      timeoutMs: input.timeoutMs ?? release.config.commandMs,
      requestedBy: actor.name,
    });
  });
  return view(house, row);
}

function declared(release: ReleaseRow, { service, environment }: Target, name: string): string {
  const found = own(release.config.processes, name);
  if (found?.kind === 'job') return found.command;
  const jobs = Object.entries(release.config.processes).flatMap(([each, { kind }]) => (kind === 'job' ? [each] : []));
  const where = `v${release.version} of ${service.name} in ${environment.name}`;
  const what = found === undefined ? `has no job "${name}"` : `runs "${name}" all the time: it is a worker, no job`;
  throw new TowpathError(
    'unknown_job',
    `${where} ${what}; ${jobs.length === 0 ? 'it has none' : `it has ${jobs.join(', ')}`}`,
  );
}

/** The user's own command goes through a shell; the words behind it stay words. */
function withWords(command: string, words: readonly string[]): [string, ...string[]] {
  return words.length === 0 ? ['sh', '-c', command] : ['sh', '-c', `${command} "$@"`, 'sh', ...words];
}

/** Newest first. */
export const listJobs = operation(
  'read',
  async ({ db }, _actor, input: TargetedQuery): Promise<{ jobs: JobView[]; next: number | null }> => {
    const rows = await jobsOf(db, await targetedFilter(db, input));
    const jobs = await views(db, rows);
    return { jobs, next: rows.length < input.limit ? null : (rows.at(-1)?.id ?? null) };
  },
);

export const getJob = operation('read', async (house, _actor, input: { job: number }): Promise<JobView> => {
  return view(house, await jobById(house.db, input.job));
});

export const waitJob = operation(
  'read',
  async (
    house,
    _actor,
    input: { job: number; timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<JobView> => {
    const over = async () => (ended.has((await jobById(house.db, input.job)).status) ? true : null);
    await untilOver(house, 'job', input.job, over, input);
    return view(house, await jobById(house.db, input.job));
  },
);

/** Ends a job: at once when it has not begun; else its workflow sees the wish and ends the command first. */
export const cancelJob = operation('cancel', async (house, actor, input: { job: number }): Promise<JobView> => {
  const row = await transaction(house.db, async (db) => {
    const job = await lockJob(db, input.job);
    if (ended.has(job.status)) throw new TowpathError('already_ended', `job ${job.id} has ended: ${job.status}`);
    await appendEvent(db, { name: 'job.cancelled', actor: actor.name, subject: `job/${job.id}`, data: {} });
    const asked = await updateJob(db, job.id, { cancelledBy: job.cancelledBy ?? actor.name });
    if (job.status !== 'queued') return asked;
    return endJob(db, job.id, { status: 'cancelled', reason: `cancelled by ${actor.name}`, exitCode: null });
  });
  return view(house, row);
});

async function view({ db }: Pick<House, 'db'>, row: JobRow): Promise<JobView> {
  const [found] = await views(db, [row]);
  if (found === undefined) throw new Error(`job ${row.id} has no target or no release`);
  return found;
}

async function views(db: Db, rows: readonly JobRow[]): Promise<JobView[]> {
  const targets = await targetsById(
    db,
    rows.map(({ targetId }) => targetId),
  );
  const releases = await releasesById(
    db,
    rows.map(({ releaseId }) => releaseId),
  );
  return rows.flatMap((row) => {
    const [target, release] = [targets.get(row.targetId), releases.get(row.releaseId)];
    return target === undefined || release === undefined ? [] : [wholeView(row, target, release)];
  });
}

function wholeView(row: JobRow, target: Target, release: ReleaseRow): JobView {
  return {
    job: row.id,
    project: target.project,
    service: target.service.name,
    environment: target.environment.name,
    version: release.version,
    process: row.process,
    program: row.process === null ? row.argv[0] : null,
    status: row.status,
    reason: row.reason,
    exitCode: row.exitCode,
    timeoutMs: row.timeoutMs,
    requestedBy: row.requestedBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: iso(row.endedAt),
  };
}
