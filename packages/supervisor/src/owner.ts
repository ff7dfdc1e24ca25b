import type { OwnerAnswer, OwnerCheck } from '@towpath/contract/supervisor';
import { holderAmong, readSockets, type Socket, socketsOf } from './machine/sockets.ts';
import type { ProcessTable } from './machine/table.ts';
import type { KeptProcess } from './process/kept.ts';

/**
 * The server's ends of the connection from `localPort`; without one, and while nobody has accepted it, the listeners, any of
 * which may get it. `sure`: this very connection (or, when none was named, the port) was seen.
 */
export function serverEnds(
  sockets: readonly Socket[],
  { port, localPort }: OwnerCheck,
): { ends: Set<string>; sure: boolean } {
  const ofPort = sockets.filter((socket) => socket.port === port);
  const listeners = new Set(ofPort.filter((socket) => socket.listening).map(({ inode }) => inode));
  if (localPort === undefined) return { ends: listeners, sure: true };
  const connections = ofPort.filter((socket) => !socket.listening && socket.remotePort === localPort);
  const accepted = new Set(connections.map(({ inode }) => inode).filter((inode) => inode !== '0'));
  return accepted.size > 0 ? { ends: accepted, sure: true } : { ends: listeners, sure: connections.length > 0 };
}

/** Whoever closes a connection between two looks is looked at again, so often. */
const mostLooks = 5;

/** Whose sockets answer there? All of the ends must be held by the process's group. */
export async function checkOwner(
  check: OwnerCheck,
  kept: Pick<KeptProcess, 'hasEnded' | 'members'>,
  table: Pick<ProcessTable, 'look' | 'commandOf'>,
  keyOf: (marker: string | null) => string | null,
): Promise<OwnerAnswer> {
  let sockets = readSockets();
  for (let looks = 1; ; looks += 1) {
    // Without a view of sockets only this is known: it has not ended.
    if (sockets === null) return { belongs: !kept.hasEnded, other: null, certain: false };
    const { ends, sure } = serverEnds(sockets, check);
    const rows = await table.look();
    const members = new Set(kept.members(rows));
    const strangers = new Set(ends);
    for (const { pid } of members) for (const inode of socketsOf(pid)) strangers.delete(inode);
    if (strangers.size === 0) return { belongs: ends.size > 0, other: null, certain: sure };

    const others = rows.filter((row) => !members.has(row));
    const pid = holderAmong(
      others.map((row) => row.pid),
      strangers,
    );
    if (pid !== null) {
      const marker = others.find((row) => row.pid === pid)?.marker ?? null;
      return { belongs: false, other: { pid, command: table.commandOf(pid), key: keyOf(marker) }, certain: sure };
    }
    // A server without keep-alive closes after each answer: what was read first is then nobody's, which is no sign of a stranger.
    sockets = readSockets();
    const still = new Set(sockets?.map(({ inode }) => inode));
    if (looks === mostLooks || [...strangers].every((inode) => still.has(inode)))
      return { belongs: false, other: null, certain: sure };
  }
}
