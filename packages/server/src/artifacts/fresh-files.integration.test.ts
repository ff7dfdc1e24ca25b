import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshFiles } from './fresh-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-fresh-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('files of the places that were written since', async () => {
  mkdirSync(join(folder, 'reports/unit'), { recursive: true });
  const since = new Date(1_700_000_000_000);
  const files: Record<string, number> = {
    'junit.xml': 1,
    'reports/unit/a.xml': 0,
    'reports/old.xml': -1,
    'other.xml': 5,
  };
  for (const [name, seconds] of Object.entries(files)) {
    writeFileSync(join(folder, name), '');
    utimesSync(join(folder, name), since, new Date(since.getTime() + seconds * 1_000));
  }
  symlinkSync('/nowhere', join(folder, 'reports/gone.xml'));
  mkdirSync(join(folder, 'reports/folder.xml'));
  expect(await freshFiles(folder, ['junit.xml', 'reports/**/*.xml'], since)).toEqual([
    'junit.xml',
    'reports/unit/a.xml',
  ]);
  expect(await freshFiles(join(folder, 'none'), ['**'], since)).toEqual([]);
});
