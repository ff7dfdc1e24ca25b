import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A line of /proc/net/tcp or tcp6, ports in host order. `inode` is '0' while nobody has accepted the connection. */
export interface Socket {
  readonly port: number;
  readonly remotePort: number;
  readonly listening: boolean;
  readonly inode: string;
}

const listeningState = '0A';
/** A socket in TIME_WAIT, NEW_SYN_RECV or CLOSE belongs to no process any more, or not yet. */
const ownerlessStates = new Set(['03', '06', '07', '0C']);

/** Parses the kernel's table; addresses don't matter here, only ports, state and inode. */
export function parseSockets(table: string): Socket[] {
  const sockets: Socket[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || remote === undefined || state === undefined || inode === undefined) continue;
    if (ownerlessStates.has(state)) continue;
    sockets.push({ port: portOf(local), remotePort: portOf(remote), listening: state === listeningState, inode });
  }
  return sockets;
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

/** All TCP sockets of this network namespace; null where the machine does not show them. */
export function readSockets(): Socket[] | null {
  if (process.platform !== 'linux') return null;
  const sockets: Socket[] = [];
  for (const name of ['tcp', 'tcp6']) {
    try {
      sockets.push(...parseSockets(readFileSync(`/proc/net/${name}`, 'latin1')));
    } catch (error) {
      // A machine without IPv6 has no tcp6; without tcp nothing can be said.
      if (name === 'tcp') return missing(error);
    }
  }
  return sockets;
}

function missing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

/** Inodes of the sockets that a process holds; empty when it is gone or another user's. */
export function socketsOf(pid: number): Set<string> {
  const inodes = new Set<string>();
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return inodes;
  }
  for (const name of names) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`)) ?? [];
      if (inode !== undefined) inodes.add(inode);
    } catch {} // closed meanwhile
  }
  return inodes;
}

/** The first of these processes that holds one of the sockets. */
export function holderAmong(pids: Iterable<number>, inodes: ReadonlySet<string>): number | null {
  for (const pid of pids) {
    for (const inode of socketsOf(pid)) if (inodes.has(inode)) return pid;
  }
  return null;
}
