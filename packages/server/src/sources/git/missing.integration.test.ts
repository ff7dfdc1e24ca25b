import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { findGit } from './git.ts';

const empty = mkdtempSync(join(tmpdir(), 'towpath-no-git-'));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true, force: true });
});

test('where there is no git, it is said so, with what to install', async () => {
  vi.stubEnv('PATH', empty);
  await expect(findGit(empty)).rejects.toMatchObject({ code: 'git_missing', help: expect.stringContaining('2.30') });
});
