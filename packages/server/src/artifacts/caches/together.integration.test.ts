import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Guard } from './caches.ts';
import { isHalfPlaced } from './placing.ts';
import { expectFilled, fill } from './testing/members.ts';
import { planned } from './testing/planned.ts';
import { day, eachWithScene, expectWhole, install, ours, trusted } from './testing/scene.ts';

const at = eachWithScene();

describe('several at once', () => {
  test('two servers that save under one key keep one whole entry', async () => {
    const others = [at.scene.server(), at.scene.server(), at.scene.server()];
    const plans = await Promise.all(others.map(() => at.scene.checkout()));
    for (const [index, plan] of plans.entries()) await install(plan.place, `by${index}`);
    const saved = await Promise.all(others.map((each, index) => each.save(plans[index] ?? fail(), trusted, ours)));
    expect(saved).toEqual([true, true, true]);
    await Promise.all(others.map((each) => each.settled()));
    expect(at.scene.entries()).toHaveLength(1);
    const plan = await at.scene.checkout();
    await at.scene.caches.restore(plan, trusted, ours);
    const text = await readFile(join(plan.place, 'p0/lib/index.js'), 'utf8');
    await expectWhole(plan.place, text.split(' ')[0]);
    expect(at.scene.parts()).toEqual([]);
    expect(at.scene.troubles).toEqual([]);
  });

  test('restores give each run a whole copy of its own', async () => {
    await at.scene.installed();
    const others = [at.scene.caches, at.scene.server(), at.scene.server()];
    const plans = await Promise.all(Array.from({ length: 9 }, () => at.scene.checkout()));
    const found = await Promise.all(plans.map((plan, index) => others[index % 3]?.restore(plan, trusted, ours)));
    expect(found.filter((each) => each === null)).toEqual([]);
    for (const { place } of plans) await expectWhole(place);
    const inodes = new Set(
      await Promise.all(plans.map(async ({ place }) => (await stat(join(place, 'p1/lib/index.js'))).ino)),
    );
    expect(inodes.size).toBe(9);
    await Promise.all(others.map((each) => each.settled()));
  });

  test('a restore while the entry is removed gives all of it or nothing', async () => {
    const collector = at.scene.server({ bounds: { bytes: 0, idleMs: day } });
    let whole = 0;
    for (let turn = 0; turn < 8; turn++) {
      await at.scene.installed();
      await at.scene.dropSpares();
      const plan = await at.scene.checkout();
      const [found] = await Promise.all([
        at.scene.caches.restore(plan, trusted, ours),
        sleep(turn).then(() => collector.tidy()),
      ]);
      if (found === null) expect(existsSync(plan.place)).toBe(false);
      else {
        whole += 1;
        await expectWhole(plan.place);
      }
      await at.scene.caches.settled();
      await collector.tidy();
      expect(at.scene.entries()).toEqual([]);
    }
    expect(whole).toBeLessThanOrEqual(8);
  });

  test('what is removed by hand while it is copied is not restored in part', async () => {
    await at.scene.installed();
    await at.scene.dropSpares();
    // A cp that finds a part of what it shall copy gone already.
    const bin = join(at.scene.dataDir, 'bin');
    await mkdir(bin);
    await writeFile(
      join(bin, 'cp'),
      `#!/bin/sh\nrm -rf '${at.scene.entry()}/tree/node_modules/p7'\nexec /bin/cp "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const path = process.env.PATH;
    process.env.PATH = `${bin}:${path}`;
    try {
      const plan = await at.scene.checkout();
      expect(await at.scene.caches.restore(plan, trusted, ours)).toBeNull();
      expect(existsSync(plan.place)).toBe(false);
    } finally {
      process.env.PATH = path;
    }
    expect(at.scene.troubles).toEqual([expect.stringContaining('changed while it was copied')]);
    // The next one finds that the entry is not whole, and removes it.
    expect(await at.scene.caches.restore(await at.scene.checkout(), trusted, ours)).toBeNull();
    expect(at.scene.entries()).toEqual([]);
    expect(at.scene.parts()).toEqual([]);
  });

  test('nothing becomes visible for a run that is in other hands, and that is told', async () => {
    const lost: Guard = async () => {
      throw new Error('taken over');
    };
    const plan = await at.scene.checkout();
    await install(plan.place);
    await expect(at.scene.caches.save(plan, trusted, lost)).rejects.toThrow('taken over');
    expect(at.scene.entries()).toEqual([]);
    await at.scene.installed();
    const late = await at.scene.checkout();
    await expect(at.scene.caches.restore(late, trusted, lost)).rejects.toThrow('taken over');
    expect(existsSync(late.place)).toBe(false);
    expect(at.scene.parts()).toEqual([]);
  });
});

test.each([
  ['one folder', 8, []],
  ['the folders of a workspace', 4, Array.from({ length: 12 }, (_, index) => `packages/m${index}`)],
])(
  'servers killed at any moment with %s leave whole entries only, and nothing that stays',
  {
    timeout: 120_000,
  },
  async (_what, turns, members) => {
    const source = await at.scene.checkout();
    await fill(source.root, members);
    const said: string[] = [];
    // On a slow machine later, until one lived long enough to save something.
    for (let turn = 0; turn < turns || at.scene.entries().length === 0; turn++) {
      const pair = ['x', 'y'].map((name) =>
        spawn(
          process.execPath,
          [
            join(import.meta.dirname, 'testing/saver.ts'),
            ...[at.scene.dataDir, source.root, `${name}${turn}`, members.join(',')],
          ],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        ),
      );
      for (const each of pair) each.stdout.on('data', (piece: Buffer) => said.push(String(piece)));
      await Promise.all(pair.map((each) => once(each.stdout, 'data')));
      await sleep(40 + (turn * 480) / turns);
      await Promise.all(pair.map((each) => (each.kill('SIGKILL') ? once(each, 'close') : null)));
      await expectLeftWhole(members);
      for (const key of ['0', '1', '2']) {
        const plan = await at.scene.checkout(key.repeat(40), members);
        if ((await at.scene.caches.restore(plan, trusted, ours)) !== null) await expectFilled(plan.root, members);
        else expect(plan.folders.filter((folder) => existsSync(join(plan.root, folder)))).toEqual([]);
      }
      await at.scene.caches.settled();
      await at.scene.caches.tidy();
    }
    // A copying child of the killed may have outlived it for a moment.
    for (let turn = 0; at.scene.parts().length > 0 && turn < 50; turn++) {
      await sleep(100);
      await at.scene.caches.tidy();
    }
    expect(at.scene.parts()).toEqual([]);
    expect(said.filter((line) => line.includes('log '))).toEqual([]);
  },
);

/** Where the killed restored, all is there, or the next one brings the rest, or nothing is. */
async function expectLeftWhole(members: readonly string[]): Promise<void> {
  const work = join(at.scene.dataDir, 'work');
  for (const name of existsSync(work) ? readdirSync(work) : []) {
    const plan = planned('f'.repeat(40), join(work, name), members);
    if (!existsSync(join(plan.root, 'installing'))) {
      if (await isHalfPlaced(plan.root, plan.folders))
        expect(await at.scene.caches.restore(plan, trusted, ours)).not.toBeNull();
      const there = plan.folders.filter((folder) => existsSync(join(plan.root, folder)));
      expect([0, plan.folders.length]).toContain(there.length);
      if (there.length > 0) await expectFilled(plan.root, members);
    }
    await rm(plan.root, { recursive: true });
  }
}

function fail(): never {
  throw new Error('no such plan');
}
