import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { postgres15, withParts } from '../../../../scripts/parts.ts';
import { type Account, choosePostgresAccount } from './account.ts';
import { pickPort } from './port.ts';
import { checkDatabase, describeDatabase } from './postgres/connect.ts';
import { installation, processesOf } from './testing/installation.ts';
import { askUntilStarted } from './testing/postgres.ts';
import { me, temporaryFolder } from './testing/scene.ts';

test('an address is shown without its user and password', () => {
  expect(describeDatabase('postgresql://u:hidden@db.example.com:6432/towpath')).toBe('db.example.com:6432/towpath');
  expect(describeDatabase('postgres://u:hidden@localhost/x?host=/run/postgresql')).toBe('/run/postgresql/x');
  expect(() => describeDatabase('mysql://u:hidden@db/x')).toThrow(/^(?!.*hidden)/);
});

test('a database that does not answer, or refuses us, is named without its password', async () => {
  const port = await pickPort('127.0.0.1');
  const refusal = checkDatabase(`postgresql://u:hidden@127.0.0.1:${port}/x`);
  await expect(refusal).rejects.toThrow(`127.0.0.1:${port}/x does not let us in`);
  await expect(refusal).rejects.not.toThrow('hidden');
});

withParts(['proc', 'postgres15'], () => {
  test('with DATABASE_URL there is no PostgreSQL of our own; the address is kept closed and used again', async () => {
    const folder = temporaryFolder();
    const url = await startPostgres15(join(folder, 'postgres15'));
    const it = installation(folder);
    onTestFinished(() => it.clear());

    const wrong = url.replace('hidden', 'wrong');
    const refusal = it.up({ database: { url: wrong, by: 'variable' } });
    await expect(refusal).rejects.toThrow('password authentication failed');
    expect(existsSync(join(it.data, 'towpath.json'))).toBe(false);

    const running = await it.up({ database: { url, by: 'variable' } });
    expect(running.started).toEqual(['supervisor', 'server-1', 'router']);
    expect(running.database).toMatch(/^127\.0\.0\.1:\d+\/postgres$/);
    const { databaseUrl, settings, postgres } = it.layout();
    expect(statSync(databaseUrl).mode & 0o777).toBe(0o600);
    expect(readFileSync(settings, 'utf8')).not.toContain('hidden');
    expect(
      processesOf(it.data)
        .map(({ command }) => command)
        .join(),
    ).not.toContain('hidden');
    expect(existsSync(postgres)).toBe(false);
    expect(readFileSync(it.layout().serverConfig(1), 'utf8')).toContain('hidden');

    expect(await it.up()).toEqual({ ...running, started: [] });
    await expect(it.up({ database: { url: wrong, by: 'flag' } })).rejects.toThrow('password authentication failed');
    expect(readFileSync(databaseUrl, 'utf8').trim()).toBe(url);
    await it.down();
  });
});

/** Debian's PostgreSQL 15 on a free port until the test ends; gives back its address. */
async function startPostgres15(home: string): Promise<string> {
  const account: Account | null = me.root ? choosePostgresAccount() : null;
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  const [data, passwordFile] = [join(home, 'data'), join(home, 'password')];
  mkdirSync(home);
  writeFileSync(passwordFile, 'hidden');
  if (account !== null) for (const path of [home, passwordFile]) chownSync(path, account.uid, account.gid);
  const args = ['-D', data, '-U', 'towpath', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync'];
  const made = spawnSync(join(postgres15, 'initdb'), args, { ...as, cwd: home, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const port = await pickPort('127.0.0.1');
  const child = spawn(
    join(postgres15, 'postgres'),
    ['-D', data, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${home}`],
    { ...as, cwd: home, stdio: 'ignore' },
  );
  onTestFinished(async () => {
    child.kill('SIGINT');
    if (child.exitCode === null) await once(child, 'exit');
  });
  const url = `postgresql://towpath:hidden@127.0.0.1:${port}/postgres`;
  await askUntilStarted(url);
  return url;
}
