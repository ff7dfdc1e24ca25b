import type { Address } from '@towpath/contract/router';
import { describe, expect, it } from 'vitest';
import { trafficConformance } from '../conformance.ts';
import { FakeRouter } from './router.ts';
import { FakeTraffic } from './traffic.ts';

trafficConformance('fake', async () => {
  const router = new FakeRouter();
  const statuses = new Map<number, number | null>();
  const portOf = (address: Address): number => ('port' in address ? address.port : 0);
  router.knobs.status = (address) => statuses.get(portOf(address)) ?? null;
  return {
    attach: () => new FakeTraffic(router),
    replica: async (id) => {
      const port = 20_000 + statuses.size;
      statuses.set(port, 200);
      return {
        entry: { id, address: { host: '127.0.0.1', port } },
        answers: async (status) => void statuses.set(port, status),
      };
    },
    request: async (host) => router.request(host),
    open: async (host) => router.open(host),
    router: {
      saved: async () => undefined,
      crash: async () => {
        router.faults.away = Number.POSITIVE_INFINITY;
      },
      restore: async () => {
        router.faults.away = 0;
        router.restart();
      },
    },
    close: async () => undefined,
  };
});

describe('the knobs of the fake router', () => {
  const table = { routes: [] };

  it('acknowledge late', async () => {
    const traffic = new FakeTraffic();
    traffic.router.knobs.ackMs = 20;
    const applied = traffic.apply(table, 1);
    expect(await traffic.acks()).toMatchObject([{ generation: -1 }]);
    await applied;
    expect(await traffic.acks()).toMatchObject([{ generation: 1 }]);
  });

  it('never acknowledge', async () => {
    const traffic = new FakeTraffic();
    traffic.router.knobs.ackMs = Number.POSITIVE_INFINITY;
    await expect(traffic.apply(table, 1)).rejects.toMatchObject({ code: 'router_away' });
    expect(await traffic.acks()).toMatchObject([{ generation: -1 }]);
  });

  it('serve a table and lose the answer', async () => {
    const traffic = new FakeTraffic();
    traffic.router.faults.lostAnswers = 1;
    await expect(traffic.apply(table, 1)).rejects.toMatchObject({ code: 'router_away' });
    expect(await traffic.acks()).toMatchObject([{ generation: 1 }]);
  });
});
