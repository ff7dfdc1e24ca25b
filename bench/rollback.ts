import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeploymentView } from '@towpath/contract';
import { nodeService, serviceJson } from '../e2e/templates.ts';
import type { Bench, Scope } from './bench.ts';
import { freePort } from './port.ts';
import { atMost, plain, quantile } from './row.ts';

const rollbacks = 10;
const askMs = 2;

/**
 * How long a rollback takes over the service's own time to ready: from the moment that it was recorded until the old release has left the
 * routes, is drained and stopped, less the time that the same program takes to answer when it is started bare on the same machine.
 * `rollback-ready` is the part up to the new replica being found healthy.
 */
export const rollback: Bench = {
  summary: `a rollback, over the service's own time to ready, ${rollbacks} times`,
  limitMs: 240_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const api = await world.service('api', nodeService());
    await api.push();
    await api.commit('Second version', { 'service.json': serviceJson({ version: 'v2' }) });
    await api.push();
    const whole: number[] = [];
    const ready: number[] = [];
    for (let turn = 0; turn < rollbacks; turn++) {
      const params = { service: 'api', environment: 'staging' };
      const asked = await world.client.call('rollback', { params, body: { version: 1 + (turn % 2) } });
      const done = await world.deployed(asked);
      whole.push(noted(done, 'finish') - Date.parse(done.createdAt));
      ready.push(noted(done, 'ready') - Date.parse(done.createdAt));
    }
    const bare: number[] = [];
    for (let turn = 0; turn < rollbacks; turn++) bare.push(await bareStart(scope, api.folder));
    const own = quantile(bare, 0.5);
    return [
      atMost(500, {
        name: 'rollback',
        value: quantile(whole, 0.5) - own,
        unit: 'ms p50',
        against: `the bare start of the service: ${Math.round(own)} ms`,
      }),
      plain({ name: 'rollback-ready', value: quantile(ready, 0.5) - own, unit: 'ms p50' }),
    ];
  },
};

/** When the ledger of a deployment that succeeded notes this. */
function noted(deployment: DeploymentView, what: string): number {
  const entry = deployment.ledger.find((each) => each.what === what);
  if (deployment.status !== 'succeeded' || entry === undefined) {
    throw new Error(`deployment ${deployment.deployment} ${deployment.status}: ${deployment.reason}`);
  }
  return Date.parse(entry.at);
}

/** From the start of the program to its first answer, in ms. */
async function bareStart(scope: Scope, folder: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    env: { PORT: String(port) },
    stdio: 'ignore',
  });
  scope.defer(() => child.kill('SIGKILL'));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`server.js ended with ${child.exitCode}`);
    await pause(askMs);
  }
  const took = performance.now() - begun;
  await stopped(child);
  return took;
}

async function stopped(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  request({ host: '127.0.0.1', port, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  })
    .on('error', () => resolve(false))
    .end();
  return promise;
}
