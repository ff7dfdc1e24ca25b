import { ended, type RunDetail } from '@towpath/contract';
import { narrate } from '../domain/path/narrate.ts';
import { interruption, interrupts } from '../domain/rollout/plan.ts';
import { deploymentById } from '../store/deployments.ts';
import { releaseById } from '../store/releases.ts';
import { revisionOf, runById } from '../store/runs.ts';
import { serviceById } from '../store/services.ts';
import { targetOf } from '../store/targets.ts';
import type { House } from './house.ts';
import { stageTail } from './logs.ts';
import { releaseUrl } from './show/deployment.ts';
import { runDetail } from './show/run.ts';

/** The end of a failed stage's log, as far as it helps at once. */
const tailLines = 20;
const tailBytes = 20_000;

/**
 * Tells a run line by line as it happens, until it ends or waits for a person. Who follows may read runs: the caller has seen to it
 * (a pusher sees the run of his push).
 */
export async function* followRun(house: House, id: number, signal: AbortSignal): AsyncIterable<string> {
  let told: RunDetail | null = null;
  for (;;) {
    const now: RunDetail = await runDetail(house.db, id);
    for (const line of narrate(told, now)) {
      yield line.text;
      if (line.failedStage !== undefined) yield* tail(house, now, line.failedStage.name);
    }
    yield* announcements(house, told, now);
    yield* addresses(house, told, now);
    told = now;
    if (ended.has(now.status) || now.status === 'waiting') return;
    const { revision } = now;
    await house.changes.until('run', id, async () => ((await revisionOf(house.db, id)) === revision ? null : true), {
      signal,
    });
  }
}

async function* tail(house: House, run: RunDetail, stage: string): AsyncIterable<string> {
  const name = stage.replace(' ', '/');
  const text = (await stageTail(house, { run: run.run, stage: name }, tailBytes)).toString('utf8');
  const lines = text.trimEnd().split('\n');
  for (const line of lines.slice(-tailLines)) yield `    ${line}`;
  yield `    whole log: towpath logs ${run.run} ${name}`;
}

/** A deployment that will interrupt says so before it does. */
async function* announcements(house: House, before: RunDetail | null, after: RunDetail): AsyncIterable<string> {
  for (const [index, { deployment }] of after.stages.entries()) {
    if (deployment === null || before?.stages[index]?.deployment === deployment) continue;
    if (interrupts((await deploymentById(house.db, deployment)).plan)) yield `    ${interruption}`;
  }
}

/** A deploy that has just succeeded tells where the service answers. */
async function* addresses(house: House, before: RunDetail | null, after: RunDetail): AsyncIterable<string> {
  for (const [index, stage] of after.stages.entries()) {
    const fresh =
      stage.kind === 'deploy' && stage.status === 'succeeded' && before?.stages[index]?.status !== 'succeeded';
    if (!fresh || stage.environment === null) continue;
    const service = await serviceById(house.db, (await runById(house.db, after.run)).serviceId);
    const target = await targetOf(house.db, service, stage.environment);
    const live = target.row.releaseId === null ? null : await releaseById(house.db, target.row.releaseId);
    const url = live === null ? null : releaseUrl(house, target, live);
    if (url !== null) yield `    ${url}`;
  }
}
