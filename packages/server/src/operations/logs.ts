import { TowpathError } from '@towpath/contract';
import { attemptKey, stageName } from '../domain/path/plan.ts';
import { targetScope } from '../rollouts/desired.ts';
import { releaseSecrets } from '../rollouts/release-secrets.ts';
import { releaseCommandKey } from '../rollouts/steps/release.ts';
import { createMask, type Mask } from '../secrets/mask.ts';
import { type DeploymentRow, deploymentById, type LedgerRow, readLedger } from '../store/deployments.ts';
import { listReleases, releaseById } from '../store/releases.ts';
import { runById, type StageRow, stagesOf } from '../store/runs.ts';
import { commandLog } from './command-log.ts';
import { followReplicas } from './follow-replicas.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { findTarget, type TargetReference } from './target.ts';

export interface RunLog {
  readonly run: number;
  /** `unit`, `deploy/staging` */
  readonly stage: string;
  readonly attempt?: number | undefined;
  readonly offset: number;
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One attempt's output as it was printed; of a deploy stage what ran before it, then what its rollout noted. */
export const runLog = operation('read', async (house, _actor, input: RunLog): Promise<AsyncIterable<Buffer>> => {
  const run = await runById(house.db, input.run);
  const stages = await stagesOf(house.db, run.id);
  const stage = stages.find((each) => stageName(each.plan, '/') === input.stage.replace(' ', '/'));
  if (stage === undefined) {
    const names = stages.map((each) => stageName(each.plan, '/')).join(', ');
    throw new TowpathError('not_found', `run #${run.id} has no stage "${input.stage}"; it has ${names}`);
  }
  const key = attemptKey(run.id, stage.plan, input.attempt ?? Math.max(1, stage.attempt));
  const options = { follow: input.follow, ...(input.signal === undefined ? {} : { signal: input.signal }) };
  const printed = house.executor.logs(key, input.offset, options);
  return stage.plan.kind === 'deploy' ? both(printed, deploymentLog(house, stage, input)) : printed;
});

async function* both(first: AsyncIterable<Buffer>, second: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield* first;
  yield* second;
}

/** What the rollout noted; where it ran the release's command, what that printed, as it comes when it is followed. */
async function* deploymentLog(house: House, stage: StageRow, input: RunLog): AsyncIterable<Buffer> {
  if (stage.deploymentId === null) return;
  const deployment = await deploymentById(house.db, stage.deploymentId);
  let told = 0;
  for (let more = true; more; ) {
    more = false;
    for (const entry of await readLedger(house.db, deployment.id)) {
      if (entry.id <= told) continue;
      told = entry.id;
      yield* ledgerLine(entry, deployment.createdAt);
      if (entry.what !== 'release') continue;
      yield* releaseOutput(house, deployment, input);
      // What was noted while it ran.
      more = true;
      break;
    }
  }
}

function* ledgerLine({ at, what, data }: LedgerRow, since: Date): Iterable<Buffer> {
  const seconds = ((at.getTime() - since.getTime()) / 1000).toFixed(1);
  const { output, ...rest } = data;
  const details = Object.entries(rest).map(([name, value]) => ` ${name}=${String(value)}`);
  yield Buffer.from(`+${seconds} s ${what}${details.join('')}\n`);
  if (typeof output === 'string' && output !== '') yield Buffer.from(output.endsWith('\n') ? output : `${output}\n`);
}

async function* releaseOutput(house: House, { id, releaseId }: DeploymentRow, input: RunLog): AsyncIterable<Buffer> {
  const secrets = releaseSecrets(house.secrets, await releaseById(house.db, releaseId));
  const over = async () => (await deploymentById(house.db, id)).endedAt !== null;
  const { signal, follow } = input;
  yield* commandLog(house.executor, releaseCommandKey(id), createMask(Object.values(secrets)), {
    offset: 0,
    follow,
    signal,
    over,
  });
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
