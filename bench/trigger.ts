import { staticSite } from '../e2e/templates.ts';
import type { Bench } from './bench.ts';
import { ranAt, sayWhen } from './first-command.ts';
import { atMost, plain, quantile } from './row.ts';

const rest = 3;
const calls = 30;

/**
 * From a call of the API that starts a run, as a webhook does, to its first command running: the command says the time. Counted from the
 * moment that the call was sent; `trigger-recorded` counts from when the run was noted.
 */
export const trigger: Bench = {
  summary: `an API call that starts a run until its first command runs, ${calls} times`,
  limitMs: 180_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const site = await world.service('site', staticSite(), '--quality', sayWhen);
    await site.push('main:checks');
    const sent: number[] = [];
    const recorded: number[] = [];
    for (let turn = 0; turn < rest + calls; turn++) {
      const begun = performance.timeOrigin + performance.now();
      const started = await world.client.call('startRun', { params: { service: 'site' }, body: { branch: 'checks' } });
      const { run, ms } = await ranAt(world, started.run);
      if (turn < rest) continue;
      sent.push(ms - begun);
      recorded.push(ms - Date.parse(run.createdAt));
    }
    return [
      atMost(100, { name: 'trigger', value: quantile(sent, 0.5), unit: 'ms p50' }),
      atMost(180, { name: 'trigger-p95', value: quantile(sent, 0.95), unit: 'ms p95' }),
      plain({ name: 'trigger-recorded', value: quantile(recorded, 0.5), unit: 'ms p50' }),
    ];
  },
};
