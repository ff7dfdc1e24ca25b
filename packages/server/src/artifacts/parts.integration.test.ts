import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openParts } from './parts.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'towpath-parts-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** No process has such a number. */
const dead = 2 ** 30;

test('what is lent is removed after the work, also when that failed', async () => {
  const parts = openParts(root);
  const work = async (path: string) => {
    mkdirSync(join(path, 'files'), { recursive: true });
    writeFileSync(join(path, 'files', 'one'), 'text', { mode: 0o444 });
    return readdirSync(root).length;
  };
  expect(await parts.lend(work)).toBe(1);
  const failing = parts.lend(async (path) => {
    await work(path);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(root)).toEqual([]);
});

test('a sweep removes what dead processes left, and nothing that is in use', async () => {
  const left = join(root, `${dead}-0123456789ab`, 'files');
  mkdirSync(left, { recursive: true });
  mkdirSync(join(root, `${process.pid}-0123456789ab`));
  mkdirSync(join(root, 'of somebody else'));
  const parts = openParts(root);
  await parts.lend(async (path) => {
    mkdirSync(path);
    await parts.sweep();
    expect(readdirSync(root).length).toBe(2);
  });
  expect(readdirSync(root)).toEqual(['of somebody else']);
});
