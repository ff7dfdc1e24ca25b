import { ended, type StreamPiece, TowpathError } from '@towpath/contract';
import { attemptKey, stageName } from '../domain/path/plan.ts';
import type { LogOf } from '../logs/follow.ts';
import { targetScope } from '../rollouts/desired.ts';
import { jobCommandKey } from '../rollouts/jobs/workflow.ts';
import { releaseSecrets } from '../rollouts/release-secrets.ts';
import { createMask, type Mask } from '../secrets/mask.ts';
import { findAttempt } from '../store/attempts.ts';
import { jobById } from '../store/jobs.ts';
import { listReleases } from '../store/releases.ts';
import { runById, stagesOf } from '../store/runs.ts';
import { followReplicas } from './follow-replicas.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { findTarget, type TargetReference } from './target.ts';

/** Which attempt of which stage; the newest when none is named. */
export interface StageLog {
  readonly run: number;
  /** `unit`, `deploy/staging` */
  readonly stage: string;
  readonly attempt?: number | undefined;
}

interface Bytes {
  readonly offset: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

interface Messages {
  readonly after: number;
  readonly signal: AbortSignal;
}

/** One attempt's output as it was printed; of a deploy stage what ran before it, then what its rollout noted and printed. */
export const runLog = operation('read', async (house, _actor, input: StageLog & Bytes) => {
  return bytesOf(house, await logOfStage(house, input), input);
});

/** The same as messages, until it is complete. */
export const streamRunLog = operation('read', async (house, _actor, input: StageLog & Messages) => {
  return messagesOf(house, await logOfStage(house, input), input);
});

/** What a job prints, without the secrets of its release. */
export const jobLog = operation('read', async (house, _actor, input: { job: number } & Bytes) => {
  return bytesOf(house, await logOfJob(house, input.job), input);
});

/** The same as messages, until it is complete. */
export const streamJobLog = operation('read', async (house, _actor, input: { job: number } & Messages) => {
  return messagesOf(house, await logOfJob(house, input.job), input);
});

async function logOfStage({ db }: House, input: StageLog): Promise<LogOf> {
  const run = await runById(db, input.run);
  const stages = await stagesOf(db, run.id);
  const stage = stages.find((each) => stageName(each.plan, '/') === input.stage.replace(' ', '/'));
  if (stage === undefined) {
    const names = stages.map((each) => stageName(each.plan, '/')).join(', ');
    throw new TowpathError('not_found', `run #${run.id} has no stage "${input.stage}"; it has ${names}`);
  }
  const attempt = input.attempt ?? Math.max(1, stage.attempt);
  const at = { runId: run.id, index: stage.index, attempt };
  return {
    key: attemptKey(run.id, stage.plan, attempt),
    topic: ['run', run.id],
    over: async () => {
      const status = (await findAttempt(db, at))?.status ?? 'queued';
      if (ended.has(status)) return status;
      // A run that ends takes with it what has not begun, and what a defect left.
      const now = await runById(db, run.id);
      return ended.has(now.status) ? now.status : null;
    },
  };
}

async function logOfJob({ db }: House, job: number): Promise<LogOf> {
  await jobById(db, job);
  return {
    key: jobCommandKey(job),
    topic: ['job', job],
    over: async () => {
      const { status, endedAt } = await jobById(db, job);
      return endedAt === null ? null : status;
    },
  };
}

async function* bytesOf({ logs }: House, log: LogOf, { offset, follow, signal }: Bytes): AsyncIterable<Buffer> {
  for await (const { bytes } of logs.follow(log, { after: offset, live: follow, signal })) yield bytes;
}

async function* messagesOf(
  { logs }: House,
  log: LogOf,
  { after, signal }: Messages,
): AsyncGenerator<StreamPiece<'streamRunLog'>> {
  // Where it begins: whoever is cut off before the first line goes on here.
  yield { id: after };
  const pieces = logs.follow(log, { after, live: true, signal });
  for (;;) {
    const { done, value } = await pieces.next();
    if (done !== true) yield { id: value.message.next, data: value.message };
    else if (value !== null) return yield { id: value.offset, end: value };
    else return;
  }
}

/**
 * What the replicas of a target printed last, one after the other, without the secrets that they were given; with `follow` also what they
 * and those of later releases print from now on.
 */
export const serviceLog = operation(
  'read',
  async (house, _actor, input: ServiceLog): Promise<AsyncIterable<Buffer>> => {
    const target = await findTarget(house.db, input);
    const observe = () => house.platform.observe(targetScope(target.row.id));
    const mask = async (): Promise<Mask> => {
      const releases = await listReleases(house.db, target.row.id, rememberedReleases);
      return createMask(releases.flatMap((release) => Object.values(releaseSecrets(house.secrets, release))));
    };
    const { follow, tail, signal = new AbortController().signal } = input;
    if (follow) return followReplicas({ platform: house.platform, observe, mask, tail, signal });
    const replicas = (await observe()).map((each) => each.id);
    return tails(house, replicas, tail, await mask());
  },
);

interface ServiceLog extends TargetReference {
  /** Bytes of each replica. */
  readonly tail: number;
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Replicas of older releases are long gone. */
const rememberedReleases = 20;

async function* tails(house: House, replicas: readonly string[], bytes: number, mask: Mask): AsyncIterable<Buffer> {
  for (const replica of replicas) {
    yield Buffer.from(`==> ${replica} <==\n`);
    const masker = mask.stream();
    let kept = Buffer.alloc(0);
    const keep = (piece: Uint8Array) => {
      kept = Buffer.concat([kept, piece]).subarray(-bytes);
    };
    // From its beginning: reading on from the middle of a secret would show the rest of it.
    for await (const chunk of house.platform.logs(replica, 0)) keep(masker.push(chunk));
    keep(masker.flush());
    yield kept;
  }
}
