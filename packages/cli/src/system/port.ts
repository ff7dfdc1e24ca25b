import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { TowpathError } from '@towpath/contract';
import { errorCode } from './file.ts';
import type { HostPort } from './settings.ts';

/** Below the range that the kernel takes ports for outgoing connections from, and below the replicas'. */
const pickFrom = 10_000;
const pickTo = 19_999;

/** Checks that a port can be listened on. `flag`: how to choose another one. Errors: `port_in_use`, `bad_request`. */
export async function refuseTakenPort({ host, port }: HostPort, flag: string): Promise<void> {
  const failure = await tryListen({ host, port });
  if (failure === null) return;
  const address = `${host}:${port}`;
  const help = `Choose another one: towpath up ${flag} ${host}:<port>`;
  switch (errorCode(failure)) {
    case 'EADDRINUSE': {
      const listener = findListener(port);
      throw new TowpathError('port_in_use', `${address} is taken${listener === null ? '' : `: ${listener}`}`, { help });
    }
    case 'EACCES':
      throw new TowpathError('bad_request', `this user may not listen on ${address}`, {
        help: `Take a port over 1023, or allow it: sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      throw new TowpathError('bad_request', `${host} is no address of this machine`, { help });
    default:
      throw failure;
  }
}

/** A port that is free now, for `:0`. It is kept in the settings, so it must not be one that an outgoing connection may hold later. */
export async function pickPort(host: string, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = pickFrom + Math.floor(Math.random() * (pickTo - pickFrom + 1));
    if (!taken.has(port) && (await tryListen({ host, port })) === null) return port;
  }
  throw new TowpathError('port_in_use', `no free port found on ${host} between ${pickFrom} and ${pickTo}`);
}

/** Who listens on a TCP port, as `nginx (process 812)`; null where it cannot be known. */
function findListener(port: number): string | null {
  const inodes = listeningSockets(port);
  if (inodes.size === 0) return null;
  for (const pid of entries('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const handle of entries(`/proc/${pid}/fd`)) {
      const socket = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${handle}`))?.[1];
      if (socket !== undefined && inodes.has(socket)) {
        return `${read(`/proc/${pid}/comm`).trim() || 'a program'} (process ${pid}) listens there`;
      }
    }
  }
  return null;
}

function tryListen(address: HostPort): Promise<Error | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ ...address, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}

function listeningSockets(port: number): Set<string> {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const listening = state === '0A' && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
      if (listening && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

const quietly =
  <T>(look: (path: string) => T, otherwise: T) =>
  (path: string): T => {
    try {
      return look(path);
    } catch {
      return otherwise; // Another user's process, or one that has just ended.
    }
  };
const read = quietly((path) => readFileSync(path, 'utf8'), '');
const entries = quietly<string[]>((path) => readdirSync(path), []);
const readLink = quietly((path) => readlinkSync(path), '');
