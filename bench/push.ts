import { text } from 'node:stream/consumers';
import { staticSite } from '../e2e/templates.ts';
import { type Bench, Unable } from './bench.ts';
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
    const site = await world.service('site', staticSite(), '--quality', 'date +%s%N');
    const received: number[] = [];
    const client: number[] = [];
    for (let turn = 0; turn < rest + pushes; turn++) {
      await site.commit(`Version ${turn}`);
      const begun = Date.now();
      const { run, said } = await site.push('main:checks');
      if (run === null) throw new Error(`the push began no run:\n${said}`);
      const { createdAt } = await world.waitFor(run);
      const log = await text(await world.client.stream('runLog', { params: { run }, query: { stage: 'quality' } }));
      const running = /^\d{19}$/m.exec(log)?.[0];
      if (running === undefined) throw new Unable(`needs a \`date\` that tells nanoseconds; it said: ${log}`);
      if (turn < rest) continue;
      received.push(Number(running) / 1e6 - Date.parse(createdAt));
      client.push(Number(running) / 1e6 - begun);
    }
    return [
      atMost(100, { name: 'push', value: quantile(received, 0.5), unit: 'ms p50' }),
      atMost(180, { name: 'push-p95', value: quantile(received, 0.95), unit: 'ms p95' }),
      plain({ name: 'push-client', value: quantile(client, 0.5), unit: 'ms p50' }),
    ];
  },
};
