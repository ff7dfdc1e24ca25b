import { TowpathError } from '@towpath/contract';
import type { Address } from '@towpath/contract/router';
import { describe, expect, it } from 'vitest';
import { platformConformance } from '../conformance.ts';
import type { DesiredTarget } from '../platform.ts';
import { FakeCluster } from './cluster.ts';
import { FakePlatform } from './platform.ts';

platformConformance('fake', async () => {
  const cluster = new FakeCluster();
  return {
    attach: () => new FakePlatform(cluster),
    argv: (script) => ['fake', JSON.stringify(script)],
    cwd: '/app',
    addedEnv: [],
    open: async (gate) => cluster.open(gate),
    ask: async (address) => cluster.ask(portOf(address)),
    connect: async (address) => ({ port: portOf(address), localPort: 40_000, close: () => undefined }),
    crash: async ({ life }) => [...cluster.replicas.values()].find((replica) => replica.life === life)?.crash(),
    keeper: {
      crash: async () => {
        cluster.faults.away = Number.POSITIVE_INFINITY;
      },
      restore: async () => {
        cluster.faults.away = 0;
      },
    },
    close: async () => undefined,
  };
});

function portOf(address: Address): number {
  return 'port' in address ? address.port : 0;
}

describe('the knobs of the fake platform', () => {
  const claim = { scope: 'target/7', epoch: 1 };

  function wish(...releases: string[]): DesiredTarget {
    const process = {
      type: 'http',
      name: 'http',
      replicas: 1,
      argv: ['npm', 'start'],
      cwd: '/',
      env: {},
      drainMs: 100,
    } as const;
    return { target: 'target/7', releases: releases.map((release) => ({ release, processes: [process] })) };
  }

  async function phases(platform: FakePlatform): Promise<string[]> {
    return (await platform.observe('target/7')).map(({ release, phase }) => `${release} ${phase}`);
  }

  it('let a release never start, or start late', async () => {
    const platform = new FakePlatform();
    platform.cluster.knobs.startMs = (release) => (release === 'r2' ? Number.POSITIVE_INFINITY : 20);
    await platform.apply(wish('r1', 'r2'), claim);
    expect(await phases(platform)).toEqual(['r1 starting', 'r2 starting']);
    await expect.poll(() => phases(platform)).toEqual(['r1 running', 'r2 starting']);
  });

  it('let a release end at once, again and again', async () => {
    const platform = new FakePlatform();
    platform.cluster.knobs.script = (_, release) =>
      release === 'r2' ? { listens: 'PORT', onTerm: 'end', exits: 1 } : { listens: 'PORT', onTerm: 'end' };
    await platform.apply(wish('r1', 'r2'), claim);
    await expect.poll(async () => (await platform.observe('target/7'))[1]?.restarts).toBeGreaterThan(2);
    expect((await platform.observe('target/7'))[0]).toMatchObject({ phase: 'running', restarts: 0 });
  });

  it('lose a replica until the next apply', async () => {
    const platform = new FakePlatform();
    await platform.apply(wish('r1'), claim);
    platform.cluster.lose('target/7:r1:http:0.1');
    expect(await phases(platform)).toEqual([]);
    await platform.apply(wish('r1'), claim);
    await expect.poll(() => phases(platform)).toEqual(['r1 running']);
  });

  it('refuse every apply with a reason', async () => {
    const platform = new FakePlatform();
    platform.cluster.knobs.refuses = new TowpathError('disk_full', '/data: no space left');
    await expect(platform.apply(wish('r1'), claim)).rejects.toMatchObject({ code: 'disk_full' });
    expect(await phases(platform)).toEqual([]);
  });

  it('do the work and lose the answer', async () => {
    const platform = new FakePlatform();
    platform.cluster.faults.lostAnswers = 1;
    await expect(platform.apply(wish('r1'), claim)).rejects.toMatchObject({ code: 'supervisor_away' });
    await expect.poll(() => phases(platform)).toEqual(['r1 running']);
  });
});
