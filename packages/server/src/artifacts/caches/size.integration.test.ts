import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { day, eachWithScene, install, ours, trusted } from './testing/scene.ts';

const at = eachWithScene();

describe('the size', () => {
  const bytes = async () => JSON.parse(await readFile(join(at.scene.entry(), 'entry.json'), 'utf8')).bytes as number;

  test('stays below the bound; the least recently used goes', async () => {
    await at.scene.installed('a'.repeat(40));
    const one = await bytes();
    // Two entries, and for want of space no copies that lie ready.
    const small = at.scene.server({ bounds: { bytes: 2.5 * one, idleMs: day } });
    await at.scene.dropSpares();
    for (const letter of ['b', 'c']) {
      await sleep(5);
      if (letter === 'c') await small.restore(await at.scene.checkout('a'.repeat(40)), trusted, ours);
      const plan = await at.scene.checkout(letter.repeat(40));
      await install(plan.place);
      expect(await small.save(plan, trusted, ours)).toBe(true);
      await small.settled();
    }
    expect(
      at.scene
        .entries()
        .map((name) => name.at(-1))
        .sort(),
    ).toEqual(['a', 'c']);
    expect(
      await at.scene
        .server({ bounds: { bytes: one - 1, idleMs: day } })
        .save(await at.scene.filled('d'.repeat(40)), trusted, ours),
    ).toBe(false);
  });

  test('what nobody uses goes, torn entries and leftovers of the dead too', async () => {
    await at.scene.installed();
    await mkdir(join(at.scene.dataDir, 'caches/entries', `1-trusted-${'b'.repeat(40)}`, 'tree'), { recursive: true });
    // No process has this number: Linux gives none above 2^22.
    await mkdir(join(at.scene.dataDir, 'caches/parts', `${2 ** 22 + 1}-0123456789ab`, 'x'), { recursive: true });
    await mkdir(join(at.scene.dataDir, 'caches/parts', `${process.pid}-0123456789ab`, 'x'), { recursive: true });
    await at.scene.caches.tidy();
    expect(at.scene.entries()).toHaveLength(1);
    expect(at.scene.parts()).toEqual([]);
    await sleep(20);
    await at.scene.server({ bounds: { bytes: 1e9, idleMs: 10 } }).tidy();
    expect(at.scene.entries()).toEqual([]);
    expect(at.scene.troubles).toEqual([]);
  });
});
