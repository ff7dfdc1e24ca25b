import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { pickPort, refuseTakenPort } from './port.ts';

async function listener(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('a taken port is refused by its number, with who listens and how to choose another', async () => {
  const port = await listener();
  const refusal = refuseTakenPort({ host: '127.0.0.1', port }, '--listen');
  await expect(refusal).rejects.toMatchObject({
    code: 'port_in_use',
    help: expect.stringContaining('--listen 127.0.0.1:'),
  });
  await expect(refusal).rejects.toThrow(`127.0.0.1:${port} is taken`);
  if (existsSync('/proc/net/tcp')) await expect(refusal).rejects.toThrow(`process ${process.pid}`);
});

test('an address of another machine is refused', async () => {
  const refusal = refuseTakenPort({ host: '192.0.2.1', port: 18_080 }, '--control');
  await expect(refusal).rejects.toThrow('192.0.2.1 is no address of this machine');
});

test('a picked port is free and outside of what outgoing connections use', async () => {
  const port = await pickPort('127.0.0.1');
  expect(port).toBeGreaterThanOrEqual(10_000);
  expect(port).toBeLessThan(20_000);
  await refuseTakenPort({ host: '127.0.0.1', port }, '--listen');
});
