import { createServer } from 'node:net';
import { hasCode } from '../durable.ts';
import { holderAmong, readSockets, socketsOf } from './sockets.ts';
import type { ProcessTable } from './table.ts';

/** TCP ports that these processes listen on, in order. Empty where the machine does not show sockets. */
export function portsOf(pids: readonly number[]): number[] {
  const listening = (readSockets() ?? []).filter((socket) => socket.listening);
  const held = new Set(pids.flatMap((pid) => [...socketsOf(pid)]));
  const ports = listening.filter((socket) => held.has(socket.inode)).map((socket) => socket.port);
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Why a port can't be listened on, in plain words: who does already. Null when it is free. */
export async function whyPortTaken(port: number, table: ProcessTable): Promise<string | null> {
  const sockets = readSockets();
  // Only where the kernel shows no sockets is the port tried out: for that moment a client could reach the wrong listener.
  if (sockets === null) return (await canListen(port)) ? null : `port ${port} is in use`;
  const inodes = new Set(
    sockets.filter((socket) => socket.listening && socket.port === port).map(({ inode }) => inode),
  );
  if (inodes.size === 0) return null;
  const rows = await table.look();
  const pid = holderAmong(
    rows.map((row) => row.pid),
    inodes,
  );
  if (pid === null) return `port ${port} is in use by a process that cannot be seen`;
  return `port ${port} is in use by pid ${pid} (${table.commandOf(pid)})`;
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
