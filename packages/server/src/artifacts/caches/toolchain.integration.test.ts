import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toolchainOf } from './toolchain.ts';

let top: string;

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'towpath-toolchain-'));
  for (const version of ['v20.1.0', 'v22.1.0']) {
    await mkdir(join(top, version));
    await writeFile(join(top, version, 'node'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  }
});
afterAll(async () => {
  await rm(top, { recursive: true });
});

test('the Node that is asked is the first of the PATH that commands get', async () => {
  const of = (...folders: string[]) => toolchainOf(top, { PATH: [...folders, '/bin'].join(':'), HOME: top });
  const [old, young] = [join(top, 'v20.1.0'), join(top, 'v22.1.0')];
  expect(await of(old, young)).toContain('v20.1.0');
  expect(await of(young, old)).toContain('v22.1.0');
  expect(await toolchainOf(top, { PATH: join(top, 'nowhere') })).toBeNull();
});
