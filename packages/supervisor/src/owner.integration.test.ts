import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { withParts } from '../../../scripts/parts.ts';
import type { Row } from './machine/table.ts';
import { checkOwner } from './owner.ts';

const server = createServer((socket) => socket.on('error', () => {}).resume());

afterEach(() => {
  server.close();
});

withParts(['proc'], () => {
  it('is not misled by a server that closes the connection while it is looked at', async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const accepted = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    const [answering] = await accepted;
    const { localPort = 0 } = client;
    const rows: Row[] = [
      { pid: process.pid, parent: 1, group: process.pid, session: 1, start: '1', marker: null, prints: [] },
    ];
    const table = {
      look: async () => {
        answering.destroy();
        if (!client.closed) await once(client, 'close');
        return rows;
      },
      commandOf: () => 'node',
    };
    const kept = { hasEnded: false, members: (all: readonly Row[]) => [...all] };
    const check = { key: 'service', port, localPort };
    expect(await checkOwner(check, kept, table, () => null)).toMatchObject({ belongs: true, other: null });
    const nobodys = { ...kept, members: () => [] };
    expect(await checkOwner(check, nobodys, table, () => null)).toMatchObject({ belongs: false });
  });
});
