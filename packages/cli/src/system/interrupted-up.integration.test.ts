import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withParts } from '../../../../scripts/parts.ts';
import { canEnter } from './account.ts';
import { type Installation, installation, processesOf } from './testing/installation.ts';
import { temporaryFolder } from './testing/scene.ts';

const script = fileURLToPath(new URL('./testing/up.ts', import.meta.url));

/** A folder for an installation, of which nothing is left when the test ends. */
function place(open = true): { folder: string; it: Installation } {
  const folder = temporaryFolder(open);
  const it = installation(folder);
  onTestFinished(() => it.clear());
  return { folder, it };
}

function upIn(folder: string, account?: { uid: number; gid: number }): ChildProcess {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'pipe'], ...account });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** All that it says, errors too. */
async function text(child: ChildProcess): Promise<string> {
  const streams = [child.stdout, child.stderr].map(async (stream) =>
    stream === null ? '' : (await stream.toArray()).join(''),
  );
  return (await Promise.all(streams)).join('');
}

const has = (folder: string, pattern: RegExp): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));

// Each sets up from nothing, some twice.
vi.setConfig({ testTimeout: 180_000 });

withParts(['proc'], () => {
  test.each([
    ['its settings were written', (data: string) => existsSync(join(data, 'towpath.json'))],
    ['PostgreSQL was being copied', (data: string) => has(join(data, 'postgres'), /\.draft-/)],
    ['the database was being made', (data: string) => has(join(data, 'postgres'), /^init-/)],
    ['the parts were about to start', (data: string) => existsSync(join(data, 'config', 'supervisor.json'))],
    ['the supervisor had started', (data: string) => existsSync(join(data, 'run', 'supervisor.sock'))],
  ])('killed when %s: the next up goes on from there', async (_when, reached) => {
    const { folder, it } = place();
    const child = upIn(folder);
    while (!reached(it.data)) {
      if (child.exitCode !== null) throw new Error('up was faster than the test');
      await new Promise(setImmediate);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const running = await it.up();
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
    expect(await it.up()).toEqual({ ...running, started: [] });
    expect(readdirSync(it.layout().postgres).sort()).toEqual(['data', expect.stringMatching(/^runtime-[\d.]+[^d]*$/)]);
    expect(await it.down()).toMatchObject({ stopped: true });
  });

  test('a long path of the data folder: the sockets go elsewhere, and all works', async () => {
    const folder = join(temporaryFolder(), 'somewhere-deep-below/'.repeat(5));
    const it = installation(folder);
    onTestFinished(() => it.clear());
    const running = await it.up();
    const { run } = it.layout();
    onTestFinished(() => rmSync(run, { recursive: true, force: true }));
    expect(run.startsWith('/tmp/towpath-')).toBe(true);
    expect((await fetch(`${running.url}/api/health`)).status).toBe(200);
    await it.down();
  });
});

withParts(['proc', 'root'], () => {
  test('below a folder that is closed to others: PostgreSQL lives elsewhere, is told of, and found again', async () => {
    const { it } = place(false);
    const running = await it.up();
    const elsewhere = running.postgresPlace;
    if (elsewhere === null) throw new Error('PostgreSQL is in the closed folder');
    onTestFinished(() => rmSync(elsewhere, { recursive: true }));
    expect(elsewhere).toMatch(/^\/var\/lib\/towpath-postgres\/[0-9a-f]{12}$/);
    await it.down();
    expect(existsSync(join(elsewhere, 'data', 'PG_VERSION'))).toBe(true);
    expect((await it.up()).postgresPlace).toBe(elsewhere);
    await it.down();
    expect(processesOf(elsewhere)).toEqual([]);
  });

  test('somebody without any rights sets one up for himself, and root leaves it alone', async ({ skip }) => {
    const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
    if (!canEnter(nobody, join(script, '..'))) skip('needs a checkout that other accounts can read');
    const { folder, it } = place();
    for (const path of [folder, join(folder, 'code')]) chownSync(path, nobody.uid, nobody.gid);
    const child = upIn(folder, nobody);
    const said = text(child);
    await once(child, 'close');
    expect(await said).toMatch(/"started":\["supervisor","postgres","server-1","router"\]/);
    await expect(it.up()).rejects.toThrow('belongs to user 65534');
  });
});
