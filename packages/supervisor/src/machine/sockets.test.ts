import { describe, expect, it } from 'vitest';
import { serverEnds } from '../owner.ts';
import { parseSockets } from './sockets.ts';

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const line = (local: string, remote: string, state: string, inode: number) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
const any = '00000000:0000';
const loop = (port: string) => `0100007F:${port}`;

it('reads /proc/net/tcp and tcp6', () => {
  const table =
    head +
    line(loop('1F90'), any, '0A', 101) +
    line(loop('1F90'), loop('C001'), '01', 102) +
    line('00000000000000000000000001000000:1F91', '00000000000000000000000000000000:0000', '0A', 103);
  expect(parseSockets(table)).toEqual([
    { port: 8080, remotePort: 0, listening: true, inode: '101' },
    { port: 8080, remotePort: 49153, listening: false, inode: '102' },
    { port: 8081, remotePort: 0, listening: true, inode: '103' },
  ]);
  expect(parseSockets('')).toEqual([]);
});

it('leaves out what belongs to no process: TIME_WAIT, SYN_RECV', () => {
  expect(
    parseSockets(head + line(loop('1F90'), loop('C001'), '06', 0) + line(loop('1F90'), loop('C002'), '03', 0)),
  ).toEqual([]);
});

describe("the server's ends of a connection", () => {
  const sockets = parseSockets(
    head +
      line(loop('1F90'), any, '0A', 101) +
      line(loop('1F90'), any, '0A', 111) +
      line(loop('1F90'), loop('C001'), '01', 102) +
      line(loop('C001'), loop('1F90'), '01', 103) +
      line(loop('1F90'), loop('C002'), '01', 0) +
      line(loop('1F91'), loop('C003'), '01', 104),
  );
  it.each([
    ['all listeners of the port', { port: 8080 }, ['101', '111'], true],
    ["the accepted one, not the client's end", { port: 8080, localPort: 0xc001 }, ['102'], true],
    ['not accepted yet: any listener may get it', { port: 8080, localPort: 0xc002 }, ['101', '111'], true],
    ['closed: only the listeners are known', { port: 8080, localPort: 0xc009 }, ['101', '111'], false],
    ['another port', { port: 8082 }, [], true],
  ])('%s', (_, check, ends, sure) => {
    expect(serverEnds(sockets, { key: 'k', ...check })).toEqual({ ends: new Set(ends), sure });
  });
});
