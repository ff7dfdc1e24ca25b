import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { removeEarlier } from './earlier.ts';

let data: string;
const down = vi.fn(async () => {});
beforeEach(() => {
  data = join(mkdtempSync(join(tmpdir(), 'towpath-earlier-')), 'data');
  down.mockClear();
});

const installation = (...folders: readonly string[]) => {
  for (const folder of ['config', ...folders]) mkdirSync(join(data, folder), { recursive: true });
  writeFileSync(join(data, 'towpath.json'), '{}');
};

test('an earlier demo is stopped, then removed, with what is sealed in it', async () => {
  installation('demo', 'bundles/1');
  writeFileSync(join(data, 'bundles/1/index.js'), '');
  chmodSync(join(data, 'bundles/1'), 0o555);
  down.mockImplementationOnce(async () => expect(existsSync(join(data, 'towpath.json'))).toBe(true));
  expect(await removeEarlier({ data, own: false, down })).toBe(true);
  expect(down).toHaveBeenCalledOnce();
  expect(existsSync(data)).toBe(false);
  expect(existsSync(`${data}.removed`)).toBe(false);
});

test('where there is none, nothing happens', async () => {
  expect(await removeEarlier({ data, own: false, down })).toBe(false);
  expect(down).not.toHaveBeenCalled();
});

test('what an interrupted removal has left goes, too', async () => {
  mkdirSync(`${data}.removed/config`, { recursive: true });
  expect(await removeEarlier({ data, own: true, down })).toBe(false);
  expect(existsSync(`${data}.removed`)).toBe(false);
});

test('an installation that is no demo stays as it is', async () => {
  installation();
  await expect(removeEarlier({ data, own: false, down })).rejects.toMatchObject({ code: 'bad_request' });
  expect(down).not.toHaveBeenCalled();
  expect(existsSync(join(data, 'towpath.json'))).toBe(true);
});

test('in the demo folder of its own, one that was interrupted before its story began goes as well', async () => {
  installation();
  expect(await removeEarlier({ data, own: true, down })).toBe(true);
  expect(existsSync(data)).toBe(false);
});

test('one that cannot be stopped is not removed', async () => {
  installation('demo');
  down.mockRejectedValueOnce(new Error('it still runs'));
  await expect(removeEarlier({ data, own: true, down })).rejects.toThrow('it still runs');
  expect(existsSync(join(data, 'towpath.json'))).toBe(true);
});
