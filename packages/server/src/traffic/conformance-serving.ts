import { describe, expect, it } from 'vitest';
import { deadlineMs, host, type Scene, testHost, timed } from './conformance-scene.ts';

/** The part of the suite about what a served table does: health, requests, probes and draining. */
export function servingConformance(scene: () => Scene): void {
  describe('health', () => {
    it('becomes known for every replica, also of a release without weight', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      expect(await scene().healthy()).toMatchObject([
        { id: 'new 0', release: 'new', health: 'healthy', error: null, inFlight: 0, draining: false },
        { id: 'old 0', release: 'old', health: 'healthy', error: null, inFlight: 0, draining: false },
        { id: 'old 1', release: 'old', health: 'healthy', error: null, inFlight: 0, draining: false },
      ]);
    });

    it('of a replica that was never healthy stays unknown, with the reason', timed, async () => {
      await scene().new.answers(500);
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      const [failing] = await scene().until('failing', ([only]) => only?.error !== null);
      expect(failing).toMatchObject({ health: 'unknown', error: expect.stringContaining('500') });
      await scene().new.answers(200);
      expect(await scene().healthy()).toMatchObject([{ error: null }]);
    });

    it('follows the replica', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().healthy();
      await scene().new.answers(null);
      const [gone] = await scene().until('unhealthy', ([only]) => only?.health === 'unhealthy');
      expect(gone?.error).toMatch(/refused/i);
      await scene().new.answers(200);
      expect(await scene().healthy()).toMatchObject([{ error: null }]);
    });

    it('is told as soon as it changes', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().healthy();
      const { revision } = await scene().traffic.health();
      expect((await scene().traffic.health({ after: revision, waitMs: 50 })).revision).toBe(revision);
      const next = scene().traffic.health({ after: revision, waitMs: deadlineMs });
      await scene().new.answers(500);
      const told = await next;
      expect(told.revision).not.toBe(revision);
      expect(told.replicas).toMatchObject([{ health: 'unhealthy' }]);
    });

    it('is told at once to who waits for a change since another instance', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().healthy();
      const { revision } = await scene().traffic.health();
      await scene().harness.router.crash();
      await scene().harness.router.restore();
      const waitMs = deadlineMs;
      const told = await scene().traffic.health({ after: revision + 1_000, waitMs });
      expect(told.replicas).toMatchObject([{ id: 'new 0' }]);
    });

    it('is no longer waited for once the caller aborts', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().healthy();
      const { revision } = await scene().traffic.health();
      const abort = new AbortController();
      const { signal } = abort;
      const settled = Promise.allSettled([scene().traffic.health({ after: revision, waitMs: deadlineMs, signal })]);
      await scene().traffic.acks();
      abort.abort();
      expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }]);
    });
  });

  describe('requests', () => {
    it('are shared out by weight', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 50, new: 50 }), 1);
      await scene().healthy();
      const { 'new 0': fresh = 0, 'old 0': first = 0, 'old 1': second = 0 } = await scene().answers(400);
      expect(fresh + first + second).toBe(400);
      // Chance stays within these bounds but for one run in a hundred million.
      expect(fresh).toBeGreaterThan(140);
      expect(fresh).toBeLessThan(260);
      expect(Math.abs(first - second)).toBeLessThanOrEqual(1);
    });

    it('never go to a release without weight', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      await scene().healthy();
      expect(await scene().answers(50)).toEqual({ 'old 0': 25, 'old 1': 25 });
    });

    it('to a host name of its own reach a release without weight', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      await scene().healthy();
      for (const release of ['new', 'old'])
        expect(await scene().harness.request(testHost(release))).toMatchObject({
          status: 200,
          replica: expect.stringContaining(release),
        });
    });

    it('go around a replica in bad health', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100 }), 1);
      await scene().healthy();
      await scene().old[0].answers(null);
      await scene().until('one down', (seen) => seen.some(({ health }) => health === 'unhealthy'));
      expect(await scene().answers(10)).toEqual({ 'old 1': 10 });
    });

    it('that nobody can answer get an error of the router', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().new.answers(null);
      expect((await scene().harness.request(host)).replica).toBeNull();
      expect(await scene().harness.request('nobody.localhost')).toMatchObject({ replica: null });
      expect((await scene().harness.request(host)).status).toBeGreaterThanOrEqual(500);
    });
  });

  describe('a probe', () => {
    it('of an address tells what answers there, and on which connection', timed, async () => {
      const { address } = scene().new.entry;
      const port = 'port' in address ? address.port : 0;
      expect(await scene().traffic.probe({ to: { address } })).toMatchObject({
        ok: true,
        status: 200,
        error: null,
        replica: null,
        release: null,
        port,
        localPort: expect.any(Number),
      });
      await scene().new.answers(503);
      expect(await scene().traffic.probe({ to: { address } })).toMatchObject({ ok: false, status: 503 });
      await scene().new.answers(null);
      const refused = await scene().traffic.probe({ to: { address } });
      expect(refused).toMatchObject({ ok: false, status: null, error: expect.stringMatching(/refused/i) });
    });

    it('by route is answered by whom a user would get', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 0, new: 100 }), 1);
      expect(await scene().traffic.probe({ to: { host } })).toMatchObject({
        ok: true,
        status: 200,
        replica: 'new 0',
        release: 'new',
        localPort: expect.any(Number),
      });
    });

    it('reaches a release by name before it has weight', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      for (let at = 0; at < 5; at += 1)
        expect(await scene().traffic.probe({ to: { host, release: 'new' } })).toMatchObject({
          ok: true,
          replica: 'new 0',
          release: 'new',
        });
    });

    it('of a route or a release that is not in the table says so', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100 }), 1);
      for (const to of [{ host: 'nobody.localhost' }, { host, release: 'new' }])
        expect(await scene().traffic.probe({ to })).toMatchObject({
          ok: false,
          status: null,
          replica: null,
          error: expect.any(String),
        });
    });
  });

  describe('a replica that left the table', () => {
    it('is listed until its last request has ended', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }), 1);
      await scene().healthy();
      const request = await scene().harness.open(host);
      expect((await scene().traffic.health()).replicas).toMatchObject([{ id: 'new 0', inFlight: 1, draining: false }]);
      await scene().traffic.apply(scene().table({ old: 100 }), 2);
      const draining = (await scene().traffic.health()).replicas.filter((replica) => replica.draining);
      expect(draining).toMatchObject([{ id: 'new 0', release: 'new', inFlight: 1 }]);
      expect(await scene().answers(4)).toEqual({ 'old 0': 2, 'old 1': 2 });
      request.finish();
      expect(await request.answered).toBe(200);
      await scene().until('drained', (seen) => seen.every(({ release }) => release === 'old'));
    });

    it('is cut off at the end of the drain time', timed, async () => {
      await scene().traffic.apply(scene().table({ new: 100 }, 300), 1);
      await scene().healthy();
      const request = await scene().harness.open(host);
      await scene().traffic.apply(scene().table({ old: 100 }, 300), 2);
      expect(await request.answered).toBeNull();
      await scene().until('drained', (seen) => seen.every(({ release }) => release === 'old'));
      const { instances } = await scene().traffic.observe();
      expect(instances[0]?.releases.new).toMatchObject({
        cut: 1,
        connectionFailures: 0,
        status5xx: 1,
        routerErrors: 1,
      });
    });
  });
}
