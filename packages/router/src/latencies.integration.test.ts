import { bucketMs } from '@towpath/contract/histogram';
import type { ReleaseStats } from '@towpath/contract/router';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Origin, startOrigin } from './testing/origin.ts';
import { serve, shop, startTestRouter, type TestRouter } from './testing/start.ts';
import { ask, signal, wire } from './testing/wire.ts';

let router: TestRouter;
let origin: Origin;
let held = signal();
const now = performance.now.bind(performance);

beforeEach(async () => {
  held = signal();
  origin = await startOrigin((request, response) => {
    if (request.url === '/events') response.setHeader('content-type', 'text/event-stream');
    if (request.url === '/late') void held.promise.then(() => response.end('late'));
    else if (request.url === '/breaks')
      response.writeHead(200, { 'content-length': 9 }).write('part', () => response.destroy());
    else if (request.url === '/whole') response.end('ok');
    else {
      response.write('beginning');
      void held.promise.then(() => response.end('end'));
    }
  });
  router = await startTestRouter({ limits: { answerTimeoutMs: 300 } });
  await serve(router.client, shop([{ release: 'v1', ports: [origin.port] }]), 1);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await router.close();
  await origin.close();
});

const counts = async (): Promise<Partial<ReleaseStats>> => (await router.client.stats()).releases.v1 ?? {};
const timed = ({ latencies = [] }: Partial<ReleaseStats>): number =>
  latencies.reduce((sum, each, index) => sum + (index % 2 === 1 ? each : 0), 0);
/** Sends a request and leaves once this much of its answer is there. */
async function leave(path: string, after: string): Promise<void> {
  const line = wire(router.apps);
  line.send(`GET ${path} HTTP/1.1\r\nHost: shop.localhost\r\n\r\n`);
  if (after === '') await expect.poll(() => origin.seen).toContain(`GET ${path}`);
  else await line.until(after);
  line.socket.destroy();
}

test('an answer is timed from the arrival of the request to its last byte', async () => {
  const answer = ask(router.apps, '/part');
  await expect.poll(async () => (await counts()).requests).toBe(1);
  expect(timed(await counts())).toBe(0);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 5_000);
  held.resolve();
  expect((await answer).body).toBe('beginningend');
  const { latencies = [] } = await counts();
  expect(bucketMs(latencies[0] ?? 0)).toBeGreaterThan(4_900);
  expect(latencies).toHaveLength(2);
});

test('event streams, and answers that go on for over 10 s, are streams and not timed; leaving them is nothing bad', async () => {
  await leave('/events', 'beginning');
  await expect.poll(async () => (await counts()).streams).toBe(1);
  const long = ask(router.apps, '/part');
  await expect.poll(async () => (await counts()).requests).toBe(2);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 11_000);
  held.resolve();
  await long;
  expect(await counts()).toMatchObject({ requests: 2, streams: 2, aborted: 0, broken: 0, latencies: [] });
});

test('a client that leaves, before the answer or in the middle of it, is counted and not timed', async () => {
  await leave('/late', '');
  await leave('/part', 'beginning');
  await expect.poll(async () => (await counts()).aborted).toBe(2);
  expect(await counts()).toMatchObject({ requests: 2, status2xx: 1, status5xx: 0, broken: 0, latencies: [] });
});

test('an answer that breaks off is no whole one; one that the router gives instead is timed and its own', async () => {
  await ask(router.apps, '/breaks').catch(() => {});
  expect((await ask(router.apps, '/late')).status).toBe(504);
  await origin.close();
  expect((await ask(router.apps, '/whole')).status).toBe(503);
  const found = await counts();
  expect(found).toMatchObject({ requests: 3, status2xx: 1, status5xx: 2, routerErrors: 2, broken: 1, aborted: 0 });
  expect(timed(found)).toBe(2);
});
