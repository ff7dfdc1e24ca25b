import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../../scripts/parts.ts';
import type { Repository } from '../repository.ts';
import { nodeService } from '../templates.ts';
import { World } from '../world.ts';
import { processAt } from './marks.ts';
import { kill, pidOf, untilBack } from './parts.ts';
import { until } from './patience.ts';

/** What a stage gets between the polite request and the end by force, and one second; and for a busy machine a lot more. */
const graceMs = 5_000;
const generousMs = graceMs + 30_000;

withParts(['git', 'proc'], () => {
  describe('Given a stage whose processes ignore SIGTERM, one of them in a session of its own and one with an empty environment', () => {
    let world: World;
    let repository: Repository;
    let pidFile: string;

    beforeAll(async () => {
      world = World.create();
      await world.up();
      pidFile = join(world.folder, 'pids');
      const deaf = `trap '' TERM HUP INT; echo $$ >> ${pidFile}; while :; do sleep 1; done`;
      const script = [`${deaf}`, `sh -c "$DEAF" &`, 'setsid sh -c "$DEAF" &', 'env -i setsid sh -c "$DEAF" &'];
      const [own, ...others] = script;
      const test = `export DEAF=${quoted(deaf)}; ${others.join(' ')} sleep 0.2; ${own}`;
      repository = await world.service('deaf', nodeService(), '--test', test);
    });

    afterAll(() => world.end());

    /** Pushes, waits until all four run, and cancels. */
    async function cancelled(meanwhile: () => Promise<void>): Promise<{ run: number; pids: number[]; tookMs: number }> {
      const before = pidsIn(pidFile).length;
      await repository.commit('Again');
      const pushing = repository.pushing();
      const run = Number(/#(\d+)/.exec(await pushing.line(/^\S+ #\d+ /))?.[1]);
      const pids = await until('all four run', async () => {
        const now = pidsIn(pidFile).slice(before);
        return now.length === 4 ? now : null;
      });
      const askedAt = performance.now();
      await world.client.call('cancel', { params: { run } });
      await meanwhile();
      await until('all four are gone', async () => (pids.some((pid) => processAt(pid) !== null) ? null : true));
      const tookMs = Math.round(performance.now() - askedAt);
      await pushing.pushed;
      return { run, pids, tookMs };
    }

    async function expectCancelled(run: number): Promise<void> {
      const after = await world.waitFor(run);
      expect(after).toMatchObject({ status: 'cancelled' });
      expect(after.stages.map(({ status }) => status).slice(2)).toEqual([
        'cancelled',
        ...after.stages.slice(3).map(() => 'skipped'),
      ]);
    }

    test('When its run is cancelled, Then all of them are gone after the grace', async () => {
      const { run, tookMs } = await cancelled(async () => {});
      console.log(`cancel: all gone after ${tookMs} ms, with a grace of ${graceMs} ms`);
      expect(tookMs).toBeGreaterThanOrEqual(graceMs - 500);
      expect(tookMs).toBeLessThan(generousMs);
      await expectCancelled(run);
    });

    test.each(['server-1', 'supervisor'] as const)(
      'When the %s is killed meanwhile, Then they are gone all the same',
      async (part) => {
        const pid = await pidOf(world, part);
        const { run } = await cancelled(async () => {
          kill(pid);
          await untilBack(world, part, pid);
        });
        await expectCancelled(run);
      },
    );
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function pidsIn(path: string): number[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').trimEnd().split('\n').map(Number);
}
