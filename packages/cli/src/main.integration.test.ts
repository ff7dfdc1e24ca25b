import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

test.each(['stdout', 'stderr'] as const)('a reader of %s that has left is no error', async (which) => {
  const words = which === 'stdout' ? ['--help'] : ['no-such-verb'];
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  child[which].destroy();
  let said = '';
  child[which === 'stdout' ? 'stderr' : 'stdout'].setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const [code] = await once(child, 'close');
  expect(said).toBe('');
  expect(code).toBe(which === 'stdout' ? 0 : 2);
});
