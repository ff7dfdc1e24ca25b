import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { layoutOf } from '../layout.ts';
import { askUntilStarted, postgresScene, startSpec } from '../testing/postgres.ts';
import { me, temporaryFolder } from '../testing/scene.ts';
import { ensureCluster, initArguments } from './cluster.ts';
import { choosePlace } from './place.ts';
import { embeddedUrl, postgresSpec } from './spec.ts';

const password = 'p/w with @ and ü';

test('a new cluster starts, lets its password in and nothing else, and listens on no port', async () => {
  const { place, account, runtime } = await postgresScene(join(temporaryFolder(), 'data'));
  expect(await ensureCluster(place, runtime, account, password)).toBe(true);
  expect(await ensureCluster(place, runtime, account, password)).toBe(false);
  expect(readdirSync(place.home).filter((name) => name.startsWith('init-'))).toEqual([]);

  const child = startSpec(postgresSpec(place, runtime.folder, account));
  expect(await askUntilStarted(embeddedUrl(place, password))).toMatchObject({ kind: 'ready' });
  expect(await askUntilStarted(embeddedUrl(place, 'wrong'))).toMatchObject({ kind: 'refused' });
  const rules = readFileSync(join(place.cluster, 'pg_hba.conf'), 'utf8')
    .split('\n')
    .filter((line) => /^\w/.test(line));
  expect(rules.length).toBeGreaterThan(0);
  for (const rule of rules) expect(rule).toMatch(/ scram-sha-256$/);
  expect(statSync(place.cluster).mode & 0o077).toBe(0);
  expect(statSync(place.socketFolder).mode & 0o077).toBe(0);
  if (me.root) expect(statSync(place.cluster).uid).toBe(account?.uid);
  if (existsSync('/proc/self')) {
    const seen = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${child.pid}/${file}`, 'latin1')).join();
    expect(seen).toContain('postgres');
    expect(seen).not.toContain('p/w');
  }
});

test('the password is in no argument of initdb', () => {
  expect(initArguments('/c', '/f').join(' ')).toContain('--pwfile=/f');
});

test('killed in the middle of initdb: the next call begins anew', async () => {
  const { place, account, runtime } = await postgresScene(join(temporaryFolder(), 'data'));
  const module = new URL('./cluster.ts', import.meta.url).href;
  const source = `const { ensureCluster } = await import(${JSON.stringify(module)});
    await ensureCluster(...${JSON.stringify([place, runtime, account, password])});`;
  const begun = drafted(place.home);
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await begun;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(place.cluster)).toBe(false);

  expect(await ensureCluster(place, runtime, account, password)).toBe(true);
  startSpec(postgresSpec(place, runtime.folder, account));
  expect(await askUntilStarted(embeddedUrl(place, password))).toMatchObject({ kind: 'ready' });
});

test('a cluster of another major version is refused and left as it is', async () => {
  const { place, account, runtime } = await postgresScene(join(temporaryFolder(), 'data'));
  mkdirSync(place.cluster);
  writeFileSync(join(place.cluster, 'PG_VERSION'), '17\n');
  const refusal = ensureCluster(place, runtime, account, password);
  await expect(refusal).rejects.toThrow(/was made by PostgreSQL 17, and this Towpath brings 18/);
  rmSync(join(place.cluster, 'PG_VERSION'));
  await expect(ensureCluster(place, runtime, account, password)).rejects.toThrow('PG_VERSION is missing');
  expect(readdirSync(place.cluster)).toEqual([]);
});

withParts(['root'], () => {
  test('below a closed folder, PostgreSQL goes to a place that its account reaches', async () => {
    const places = join(temporaryFolder(), 'elsewhere');
    const { place, account, runtime } = await postgresScene(join(temporaryFolder(false), 'data'), places);
    expect(place.home).toBe(join(places, '0123456789ab'));
    await ensureCluster(place, runtime, account, password);
    startSpec(postgresSpec(place, runtime.folder, account));
    expect(await askUntilStarted(embeddedUrl(place, password))).toMatchObject({ kind: 'ready' });
  });

  test('when nothing can be reached, the account and both places are named', () => {
    const closed = temporaryFolder(false);
    const layout = { ...layoutOf(closed, me), run: closed };
    const account = { name: 'somebody', uid: 65_534, gid: 65_534 };
    const attempt = () => choosePlace(layout, account, '0123456789ab', join(closed, 'elsewhere'));
    expect(attempt).toThrow(/account somebody, .* can enter neither .* nor .*elsewhere/);
  });
});

/** Resolves when initdb has begun to write. */
function drafted(home: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(home, { recursive: true }, (_event, name) => {
      if (!name?.endsWith('PG_VERSION')) return;
      watcher.close();
      resolve();
    });
    onTestFinished(() => watcher.close());
  });
}
