import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listenOnSocket } from './listen.ts';

test('a thousand callers in one moment are all let in', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tow-'));
  const socket = join(folder, 's');
  const server = createServer((_request, response) => response.end('ok'));
  try {
    await listenOnSocket(server, socket);
    // All in one turn of the event loop: nobody is accepted before the last one has come.
    const callers = Array.from({ length: 1_000 }, () => createConnection(socket));
    const came = await Promise.allSettled(callers.map((caller) => once(caller, 'connect')));
    for (const caller of callers) caller.destroy();
    expect(came.filter(({ status }) => status === 'rejected')).toEqual([]);
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
});
