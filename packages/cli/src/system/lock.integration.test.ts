import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from './lock.ts';
import { temporaryFolder } from './testing/scene.ts';

const lock = (): string => join(temporaryFolder(), 'up.lock');

test('one at a time, in whatever order', async () => {
  const path = lock();
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, 20_000, work)));
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('the lock of a living process is respected, and it is named', async () => {
  const path = lock();
  await withLock(path, 0, async () => {
    const refused = withLock(path, 100, async () => 'in');
    await expect(refused).rejects.toThrow(`process ${process.pid}`);
    await expect(refused).rejects.toMatchObject({ code: 'busy' });
  });
});

test('the lock of a killed process is taken over', async () => {
  const path = lock();
  const source = `const { withLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)});
    await withLock(${JSON.stringify(path)}, 0, () => new Promise(() => { console.log('in'); setInterval(() => {}, 1e6); }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  await expect(withLock(path, 0, async () => 'in')).rejects.toThrow('another towpath command');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect(withLock(path, 0, async () => 'in')).resolves.toBe('in');
});

test('a lock whose process number was given to another process is stale', async () => {
  const path = lock();
  writeFileSync(path, `${process.pid} 1\n`);
  await expect(withLock(path, 0, async () => readFileSync(path, 'utf8'))).resolves.not.toBe(`${process.pid} 1\n`);
});
