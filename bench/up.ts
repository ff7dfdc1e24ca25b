import type { World } from '../e2e/world.ts';
import type { Bench } from './bench.ts';
import { plain, quantile } from './row.ts';

const attachments = 5;

/** `towpath up` as somebody types it, the start of Node included: on nothing, on what runs, and on what was stopped. */
export const up: Bench = {
  summary: '`towpath up`: first, attaching, and from a cold start',
  limitMs: 240_000,
  async run(scope) {
    const world = scope.world();
    const first = await timed(() => world.up());
    const attach: number[] = [];
    for (let turn = 0; turn < attachments; turn++) attach.push(await timed(() => world.up()));
    const bare = await timed(() => world.cli('version'));
    await stopped(world);
    const cold = await timed(() => world.up());
    return [
      plain({ name: 'up-first', value: first, unit: 'ms' }),
      plain({
        name: 'up-attach',
        value: quantile(attach, 0.5),
        unit: 'ms',
        against: `towpath version: ${Math.round(bare)} ms`,
      }),
      plain({ name: 'up-cold', value: cold, unit: 'ms' }),
    ];
  },
};

async function stopped(world: World): Promise<void> {
  const { code, stderr } = await world.cli('down', '--data', world.data);
  if (code !== 0) throw new Error(`down ended with ${code}:\n${stderr}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
