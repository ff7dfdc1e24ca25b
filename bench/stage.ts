import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RunDetail } from '@towpath/contract';
import { staticSite } from '../e2e/templates.ts';
import type { Bench } from './bench.ts';
import { atMost, quantile } from './row.ts';

const rest = 5;
const runs = 40;

/**
 * The whole cost of a stage whose command is `true`: from the recorded end of the stage before to its own, in one run. So it holds every
 * write, the start of the command and the news of its end. A branch without an environment: nothing is built, nothing deployed.
 */
export const stage: Bench = {
  summary: `one more stage that runs \`true\`, ${runs} times`,
  limitMs: 180_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const site = await world.service('site', staticSite(), '--quality', 'true', '--test', 'true');
    await site.push('main:checks');
    const values: number[] = [];
    for (let turn = 0; turn < rest + runs; turn++) {
      const started = await world.client.call('startRun', { params: { service: 'site' }, body: { branch: 'checks' } });
      const run = await world.waitFor(started.run);
      if (turn >= rest) values.push(endOf(run, 'unit') - endOf(run, 'quality'));
    }
    const bare: number[] = [];
    for (let turn = 0; turn < rest + runs; turn++) bare.push(await bareCommand());
    return [
      atMost(15, {
        name: 'stage',
        value: quantile(values, 0.5),
        unit: 'ms p50',
        against: `the bare \`sh -c true\`: ${quantile(bare, 0.5).toFixed(1)} ms`,
      }),
    ];
  },
};

function endOf(run: RunDetail, kind: string): number {
  const found = run.stages.find((each) => each.kind === kind);
  if (run.status !== 'succeeded' || !found?.endedAt) throw new Error(`run #${run.run} ${run.status}: ${run.reason}`);
  return Date.parse(found.endedAt);
}

async function bareCommand(): Promise<number> {
  const begun = performance.now();
  await once(spawn('sh', ['-c', 'true'], { stdio: 'ignore' }), 'close');
  return performance.now() - begun;
}
