import { chmod, mkdir, rename, stat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';

/** Another router answers on the socket already. */
export class SocketTaken extends Error {}

/**
 * Lets the server listen on a unix socket that only our own account can use. It is made under another name and renamed, so that it is never
 * there with other rights, and takes the place of one that a killed router left behind. Returns how to remove it. Throws SocketTaken.
 */
export async function listenOnSocket(server: Server, path: string): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) throw new SocketTaken(`cannot listen on ${path}: another router answers there`);
  const fresh = `${path}.new`;
  await unlink(fresh).catch(() => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(fresh, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await chmod(fresh, 0o600);
  const { ino } = await stat(fresh);
  await rename(fresh, path);
  return async () => {
    // A successor may have taken the name.
    const present = await stat(path).catch(() => null);
    if (present?.ino === ino) await unlink(path).catch(() => {});
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
