import { ended, type StreamPiece, TowpathError } from '@towpath/contract';
import { goneNotice } from '../domain/logs/cap.ts';
import { attemptKey, stageName } from '../domain/path/plan.ts';
import type { LogOf } from '../logs/follow.ts';
import type { Logs } from '../logs/logs.ts';
import { positionIn } from '../logs/position.ts';
import { targetScope } from '../rollouts/desired.ts';
import { jobCommandKey } from '../rollouts/jobs/workflow.ts';
import { releaseSecrets } from '../rollouts/release-secrets.ts';
import { createMask, type Mask } from '../secrets/mask.ts';
import { findAttempt } from '../store/attempts.ts';
import { jobById } from '../store/jobs.ts';
import { findLog } from '../store/logs.ts';
import { releaseById } from '../store/releases.ts';
import { runById, stagesOf } from '../store/runs.ts';
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

/** The lines of an attempt's output that have a text. */
export const searchRunLog = operation(
  'read',
  async (house, _actor, input: StageLog & { readonly q: string; readonly after: number; readonly limit: number }) => {
    const { key } = await logOfStage(house, input);
    return house.logs.search(key, { text: input.q, after: input.after, limit: input.limit });
  },
);

/** What a job prints, without the secrets of its release. */
export const jobLog = operation('read', async (house, _actor, input: { job: number } & Bytes) => {
  return bytesOf(house, await logOfJob(house, input.job), input);
});

/** The same as messages, until it is complete. */
export const streamJobLog = operation('read', async (house, _actor, input: { job: number } & Messages) => {
  return messagesOf(house, await logOfJob(house, input.job), input);
});

async function logOfStage(house: House, input: StageLog): Promise<LogOf> {
  const { db } = house;
  const run = await runById(db, input.run);
  const stages = await stagesOf(db, run.id);
  const stage = stages.find((each) => stageName(each.plan, '/') === input.stage.replace(' ', '/'));
  if (stage === undefined) {
    const names = stages.map((each) => stageName(each.plan, '/')).join(', ');
    throw new TowpathError('not_found', `run #${run.id} has no stage "${input.stage}"; it has ${names}`);
  }
  const attempt = input.attempt ?? Math.max(1, stage.attempt);
  const at = { runId: run.id, index: stage.index, attempt };
  const key = attemptKey(run.id, stage.plan, attempt);
  return storedLate(house, createMask([]), {
    key,
    topic: ['run', run.id],
    over: async () => {
      const status = (await findAttempt(db, at))?.status ?? 'queued';
      if (ended.has(status)) return status;
      // A run that ends takes with it what has not begun, and what a defect left.
      const now = await runById(db, run.id);
      return ended.has(now.status) ? now.status : null;
    },
  });
}

async function logOfJob(house: House, job: number): Promise<LogOf> {
  const { db } = house;
  const { releaseId } = await jobById(db, job);
  const secrets = Object.values(releaseSecrets(house.secrets, await releaseById(db, releaseId)));
  return storedLate(house, createMask(secrets), {
    key: jobCommandKey(job),
    topic: ['job', job],
    over: async () => {
      const { status, endedAt } = await jobById(db, job);
      return endedAt === null ? null : status;
    },
  });
}

/** What ended before there was a record of logs is stored when it is first asked for, as long as its executor has it. */
async function storedLate({ db, logs, executor }: House, mask: Mask, log: LogOf): Promise<LogOf> {
  const { key } = log;
  if ((await findLog(db, key)) !== null || (await log.over()) === null) return log;
  const read = (offset: number, signal: AbortSignal) => executor.logs(key, offset, { signal });
  await logs.store({ key, source: key, claim: null, mask, read, back: () => executor.observe(key) });
  return log;
}

/** The last bytes of a stage's log, of the attempt that counts. */
export async function stageTail(house: House, input: StageLog, bytes: number): Promise<Buffer> {
  return house.logs.tail((await logOfStage(house, input)).key, bytes);
}

async function* bytesOf({ logs }: House, log: LogOf, { offset, follow, signal }: Bytes): AsyncIterable<Buffer> {
  let at = offset;
  for await (const { bytes, message } of logs.follow(log, { after: offset, live: follow, signal })) {
    if (message.offset > at) yield Buffer.from(goneNotice(message.offset - at));
    at = message.next;
    yield bytes;
  }
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
    else return yield { id: value.offset, end: { ...value, status: value.status ?? 'running' } };
  }
}

/** What the replicas of a target printed last, one after the other, without the secrets that they were given. */
export const serviceLog = operation(
  'read',
  async (house, _actor, input: TargetReference & { readonly tail: number }) => {
    const target = await findTarget(house.db, input);
    const replicas = await house.platform.observe(targetScope(target.row.id));
    return tails(
      house.logs,
      replicas.map(({ id }) => id),
      input.tail,
    );
  },
);

async function* tails(logs: Logs, replicas: readonly string[], bytes: number): AsyncIterable<Buffer> {
  for (const replica of replicas) {
    yield Buffer.from(`==> ${replica} <==\n`);
    yield await logs.tail(replica, bytes);
  }
}

/** The same as messages, and what they and those of later releases print from now on. Throws `bad_request` for a position that is none. */
export const streamServiceLog = operation(
  'read',
  async (
    house,
    _actor,
    input: TargetReference & {
      readonly tail: number;
      readonly after?: string | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<AsyncIterable<StreamPiece<'streamServiceLog'>>> => {
    const target = await findTarget(house.db, input);
    const after = input.after === undefined ? null : positionIn(input.after);
    if (input.after !== undefined && after === null) {
      throw new TowpathError('bad_request', `query.after: "${input.after}" is no position of this stream`);
    }
    return house.logs.followReplicas(target.row.id, { ...input, after });
  },
);
