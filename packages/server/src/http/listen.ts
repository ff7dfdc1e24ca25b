import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createConnection } from 'node:net';

/** More connections than that in one moment are refused. Node's 511 are less than the requests of a large team's morning; the kernel caps it. */
const backlog = 4_096;

/**
 * Listens on a unix socket that only this user may connect to. The socket of a killed server is replaced; one that answers belongs to a
 * server that runs, and is left alone: throws.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (await answers(path)) throw new Error(`another server listens on ${path}`);
  await rm(path, { force: true });
  // Until chmod nobody else may connect either: the mask holds for the socket as it is made.
  const mask = process.umask(0o177);
  try {
    server.listen({ path, backlog });
    await once(server, 'listening');
  } finally {
    process.umask(mask);
  }
  await chmod(path, 0o600);
}

async function answers(path: string): Promise<boolean> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
