import { staticSite } from '../e2e/templates.ts';
import type { Bench } from './bench.ts';
import { ranAt, sayWhen } from './first-command.ts';
import { atMost, plain, quantile } from './row.ts';

const rest = 3;
const pushes = 20;

/**
 * From a push to its first command running: the command says the time. Counted from the moment that the server noted the run, which is
 * when git had handed the commits over; `push-client` counts from the start of `git push` on the pusher's side, its credential helper
 * and the transfer included.
 */
export const push: Bench = {
  summary: `git push received until the first command runs, ${pushes} times`,
  limitMs: 180_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const site = await world.service('site', staticSite(), '--quality', sayWhen);
    const received: number[] = [];
    const client: number[] = [];
    for (let turn = 0; turn < rest + pushes; turn++) {
      await site.commit(`Version ${turn}`);
      const begun = Date.now();
      const pushed = await site.push('main:checks');
      if (pushed.run === null) throw new Error(`the push began no run:\n${pushed.said}`);
      const { run, ms } = await ranAt(world, pushed.run);
      if (turn < rest) continue;
      received.push(ms - Date.parse(run.createdAt));
      client.push(ms - begun);
    }
    return [
      atMost(100, { name: 'push', value: quantile(received, 0.5), unit: 'ms p50' }),
      atMost(180, { name: 'push-p95', value: quantile(received, 0.95), unit: 'ms p95' }),
      plain({ name: 'push-client', value: quantile(client, 0.5), unit: 'ms p50' }),
    ];
  },
};
