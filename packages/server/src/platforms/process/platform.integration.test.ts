import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Address } from '@towpath/contract/router';
import { TestSupervisor } from '@towpath/supervisor/testing';
import { platformConformance } from '../conformance.ts';
import type { AppAnswer } from '../script.ts';
import { ProcessPlatform } from './platform.ts';

const app = join(import.meta.dirname, 'testing/app.ts');

platformConformance('process', async () => {
  const supervisor = await TestSupervisor.start();
  const cwd = supervisor.path('bundle');
  const gates = supervisor.path('gates');
  mkdirSync(cwd);
  mkdirSync(gates);
  return {
    attach: () => new ProcessPlatform(supervisor.client, { from: 20_000, to: 29_999 }),
    argv: (script) => [process.execPath, app, gates, JSON.stringify(script)],
    cwd,
    // The marker; the others are set by a shell in between, whichever it is.
    addedEnv: ['TOWPATH_PROCESS', 'PWD', 'OLDPWD', 'SHLVL', '_'],
    open: async (gate) => writeFileSync(join(gates, `gate-${gate}`), ''),
    ask,
    connect: async (address) => {
      const { host, port } = tcp(address);
      const socket = connect(port, host);
      await once(socket, 'connect');
      return { port, localPort: socket.localPort ?? 0, close: () => socket.destroy() };
    },
    crash: async ({ life }) => void process.kill(Number(life.split(' ')[0]), 'SIGKILL'),
    keeper: { crash: () => supervisor.kill(), restore: () => supervisor.start() },
    close: () => supervisor.end(),
  };
});

function tcp(address: Address): { host: string; port: number } {
  if ('socket' in address) throw new Error(`${address.socket}: replicas of processes listen on ports`);
  return address;
}

function ask(address: Address): Promise<AppAnswer | null> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...tcp(address), agent: false }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
      response.on('error', reject);
    });
    asked.on('error', (error) => ('code' in error && error.code === 'ECONNREFUSED' ? resolve(null) : reject(error)));
    asked.end();
  });
}
