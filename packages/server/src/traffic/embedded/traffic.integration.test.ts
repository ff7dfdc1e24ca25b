import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'vitest';
import { trafficConformance } from '../conformance.ts';
import { deadlineMs } from '../conformance-scene.ts';
import { RouterProcess } from './testing/process.ts';
import { Upstream } from './testing/upstream.ts';
import { EmbeddedTraffic } from './traffic.ts';

trafficConformance('embedded', async () => {
  const router = new RouterProcess();
  await router.start();
  const upstreams: Upstream[] = [];

  function send(host: string, path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: router.port, path, headers: { host }, agent: false };
      request(options, resolve).on('error', reject).end();
    });
  }

  return {
    attach: () => new EmbeddedTraffic(router.client),
    replica: async (id) => {
      const upstream = await Upstream.start(id);
      upstreams.push(upstream);
      return upstream;
    },
    request: async (host) => {
      const response = await send(host, '/');
      response.resume();
      await once(response, 'close');
      return { status: response.statusCode ?? 0, replica: response.headers['x-replica']?.toString() ?? null };
    },
    open: async (host) => {
      const answered = send(host, '/open').then((response) => {
        response.resume();
        return response.headers['x-replica'] === undefined ? null : (response.statusCode ?? null);
      });
      const waiting = () => upstreams.flatMap((upstream) => upstream.waiting);
      const before = waiting().length;
      await expect.poll(() => waiting().length, { timeout: deadlineMs, interval: 5 }).toBe(before + 1);
      return { answered, finish: () => void waiting().at(-1)?.end() };
    },
    router: { saved: () => router.saved(), crash: () => router.kill(), restore: () => router.start() },
    close: async () => {
      await router.end();
      for (const upstream of upstreams) await upstream.close();
    },
  };
});
