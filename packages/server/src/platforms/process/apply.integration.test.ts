import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { TestSupervisor } from '@towpath/supervisor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DesiredTarget, ObservedReplica } from '../platform.ts';
import { ProcessPlatform } from './platform.ts';
import type { SupervisorPort } from './supervisor.ts';

const range = { from: 30_000, to: 30_999 };
/** The search for a port begins at the first one. */
const beginning = () => 0;
let supervisor: TestSupervisor;
let last = 0;

beforeAll(async () => {
  supervisor = await TestSupervisor.start();
});
afterAll(() => supervisor.end());

function fresh(): { target: string; scope: string; epoch: number } {
  last += 1;
  return { target: `target/${last}`, scope: `target/${last}`, epoch: 1 };
}

function wish(target: string, releases: Record<string, number>, argv: readonly [string, ...string[]]): DesiredTarget {
  return {
    target,
    releases: Object.entries(releases).map(([release, replicas]) => ({
      release,
      processes: [
        { type: 'http', name: 'http', replicas, argv, cwd: '/', env: { PATH: '/usr/bin:/bin' }, drainMs: 5_000 },
      ],
    })),
  };
}

const waits = ['sleep', '600'] as const;

/** The supervisor with something done around each call. */
function around(
  wrap: (name: string, call: () => Promise<unknown>, args: unknown[]) => Promise<unknown>,
): SupervisorPort {
  return new Proxy<SupervisorPort>(supervisor.client, {
    get: (client, name) => {
      const method: unknown = Reflect.get(client, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => wrap(String(name), async () => await method.apply(client, args), args);
    },
  });
}

async function up(platform: ProcessPlatform, target: string): Promise<ObservedReplica[]> {
  const replicas = await platform.observe(target);
  return replicas.filter(({ phase }) => phase !== 'stopped' && phase !== 'stopping');
}

async function running(platform: ProcessPlatform, target: string, what: string[]): Promise<void> {
  const look = async () =>
    (await platform.observe(target))
      .filter(({ phase }) => phase !== 'stopped')
      .map(({ release, index, phase }) => `${release} ${index} ${phase}`)
      .sort();
  await expect.poll(look, { timeout: 20_000, interval: 20 }).toEqual(what);
}

async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the port of a replica', () => {
  it('is another one when a stranger was faster', async () => {
    const { target, ...claim } = fresh();
    const strangers: Server[] = [];
    const late = around(async (name, call) => {
      if (name === 'start' && strangers.length === 0) strangers.push(await occupy(range.from));
      return await call();
    });
    const platform = new ProcessPlatform(late, range, beginning);
    await platform.apply(wish(target, { r1: 1 }, waits), claim);
    await running(platform, target, ['r1 0 running']);
    const [replica] = await up(platform, target);
    expect(replica).toMatchObject({ address: { port: range.from + 1 }, restarts: 0, reason: null });
    for (const stranger of strangers) stranger.close();
  });

  it('that a stranger took before the first start is given up by the next apply', async () => {
    const { target, ...claim } = fresh();
    const strangers: Server[] = [];
    const killed = around(async (name, call) => {
      if (name === 'start') strangers.push(await occupy(range.from + 100));
      else if (strangers.length > 0) throw new Error('killed');
      return await call();
    });
    const from = { from: range.from + 100, to: range.to };
    const one = wish(target, { r1: 1 }, waits);
    await expect(new ProcessPlatform(killed, from, beginning).apply(one, claim)).rejects.toThrow('killed');
    const platform = new ProcessPlatform(supervisor.client, from, beginning);
    const [stuck] = await up(platform, target);
    expect(stuck).toMatchObject({
      phase: 'backoff',
      reason: expect.stringMatching(/^port 30100 is in use by pid \d+/),
    });
    await platform.apply(one, claim);
    await running(platform, target, ['r1 0 running']);
    expect(await up(platform, target)).toMatchObject([{ address: { port: range.from + 101 } }]);
    for (const stranger of strangers) stranger.close();
  });

  it('stays once the replica ran, also while somebody else holds it', async () => {
    const { target, ...claim } = fresh();
    const platform = new ProcessPlatform(supervisor.client, range);
    const fails = wish(target, { r1: 1 }, ['sh', '-c', 'exit 1']);
    await platform.apply(fails, claim);
    const [replica] = await up(platform, target);
    const port = replica?.address != null && 'port' in replica.address ? replica.address.port : 0;
    const stranger = await occupy(port);
    const look = async () => (await up(platform, target))[0]?.reason;
    await expect.poll(look, { timeout: 20_000 }).toMatch(`port ${port} is in use`);
    await platform.apply(fails, claim);
    expect(await up(platform, target)).toMatchObject([{ id: replica?.id, address: { port } }]);
    stranger.close();
    await expect.poll(look, { timeout: 20_000 }).toMatch(/^exited with code 1/);
    await platform.remove(target, claim);
  });

  it('is not shared by two servers that chose it at the same moment', async () => {
    const [one, other] = [fresh(), fresh()];
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    const meet = around(async (name, call) => {
      if (name === 'start') {
        arrived += 1;
        if (arrived === 2) both.resolve();
        await both.promise;
      }
      return await call();
    });
    // The second server's next choice is elsewhere, as chance has it.
    const choices = [0, 0.5, 0.7, 0.9];
    const platforms = [
      new ProcessPlatform(meet, range, beginning),
      new ProcessPlatform(meet, range, () => choices.shift() ?? 0),
    ];
    await Promise.all(
      [one, other].map(({ target, ...claim }, at) => platforms[at]?.apply(wish(target, { r1: 1 }, waits), claim)),
    );
    const platform = new ProcessPlatform(supervisor.client, range);
    const addresses = [...(await up(platform, one.target)), ...(await up(platform, other.target))].map(({ address }) =>
      JSON.stringify(address),
    );
    expect(addresses.length).toBe(2);
    // The one that was refused its port left nothing behind.
    for (const { target } of [one, other]) expect(await supervisor.client.list(target)).toHaveLength(1);
    expect(new Set(addresses).size).toBe(2);
  });

  it('is said to be missing when none is left', async () => {
    const { target, ...claim } = fresh();
    const platform = new ProcessPlatform(supervisor.client, { from: 30_900, to: 30_901 });
    await expect(platform.apply(wish(target, { r1: 3 }, waits), claim)).rejects.toMatchObject({ code: 'no_port' });
    expect(await platform.observe(target)).toEqual([]);
  });
});

describe('an apply that is killed', () => {
  // Each way stops at the first call that the driver makes after its own death.
  it.each(['before a call', 'after a call whose answer it never saw'])('%s is completed by the next', async (when) => {
    let finished = false;
    for (let calls = 0; !finished; calls += 1) {
      const { target, ...claim } = fresh();
      const platform = new ProcessPlatform(supervisor.client, range);
      await platform.apply(wish(target, { r1: 2 }, waits), claim);
      let left = calls;
      const dying = around(async (_, call) => {
        left -= 1;
        if (left >= 0) return await call();
        if (left === -1 && when.startsWith('after')) await call();
        throw new Error('killed');
      });
      const next = wish(target, { r2: 2 }, waits);
      finished = await new ProcessPlatform(dying, range).apply(next, claim).then(
        () => true,
        (error: Error) => {
          if (error.message !== 'killed') throw error;
          return false;
        },
      );
      await platform.apply(next, { ...claim, epoch: 2 });
      await running(platform, target, ['r2 0 running', 'r2 1 running']);
      await platform.remove(target, { ...claim, epoch: 2 });
    }
  });
});
