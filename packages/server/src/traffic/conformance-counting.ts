import { bucketMs } from '@towpath/contract/histogram';
import type { ReleaseStats } from '@towpath/contract/router';
import { describe, expect, it } from 'vitest';
import { deadlineMs, host, type Scene, timed } from './conformance-scene.ts';
import type { ObservedInstance } from './router.ts';

/** The part of the suite about what users' requests leave behind. */
export function countingConformance(scene: () => Scene): void {
  const running = async (): Promise<ObservedInstance | undefined> =>
    (await scene().traffic.observe()).instances.find((each) => each.running);

  describe('counts', () => {
    it('tell by release how requests ended, as the client got them', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      await scene().healthy();
      await scene().answers(4);
      await scene().old[0].answers(404);
      await scene().old[1].answers(404);
      await scene().answers(3);
      await scene().traffic.probe({ to: { host, release: 'new' } });
      await scene().traffic.apply(scene().table({ old: 0, new: 100 }), 2);
      await scene().answers(5);
      await scene().new.answers(500);
      await scene().answers(2);
      await scene().new.answers(null);
      await scene().answers(1);
      const stats = await running();
      expect(stats?.instance).toBe((await scene().traffic.acks())[0]?.instance);
      // Probes are nobody's requests: not those for health, nor those that we ask for.
      expect(stats?.releases).toEqual({
        old: { ...none, requests: 7, status2xx: 4, status4xx: 3, latencies: expect.any(Array) },
        new: {
          ...none,
          requests: 8,
          status2xx: 5,
          status5xx: 3,
          routerErrors: 1,
          connectionFailures: 1,
          latencies: expect.any(Array),
        },
      });
      for (const release of ['old', 'new']) {
        const { requests, latencies } = stats?.releases[release] ?? { requests: -1, latencies: [] };
        expect(answersIn(latencies)).toBe(requests);
        for (const [at, bucket] of latencies.entries())
          if (at % 2 === 0) expect(bucketMs(bucket)).toBeLessThan(deadlineMs);
      }
    });

    it('are told again only where something changed, and whole then', timed, async () => {
      await scene().traffic.apply(scene().table({ old: 100, new: 0 }), 1);
      await scene().healthy();
      await scene().answers(2);
      const before = await scene().traffic.observe();
      await scene().traffic.apply(scene().table({ old: 0, new: 100 }), 2);
      await scene().answers(3);
      const { instances, sequences } = await scene().harness.attach().observe(before.sequences);
      expect(instances).toMatchObject([{ running: true, releases: { new: { requests: 3 } } }]);
      await scene().answers(1);
      const later = await scene().traffic.observe(sequences);
      expect(later.instances).toMatchObject([{ running: true, releases: { new: { requests: 4 } } }]);
      expect((await running())?.releases).toMatchObject({ old: { requests: 2 }, new: { requests: 4 } });
    });

    it(
      'of a router that was killed are told by the next one, apart from its own, which begin at 0',
      timed,
      async () => {
        await scene().traffic.apply(scene().table({ old: 100 }), 1);
        await scene().healthy();
        await scene().answers(5);
        const before = await scene().traffic.observe();
        await scene().harness.router.saved();
        await scene().harness.router.crash();
        await scene().harness.router.restore();
        await scene().answers(2);
        const { instances } = await scene().traffic.observe(before.sequences);
        expect(instances).toMatchObject([
          { running: true, releases: { old: { requests: 2 } } },
          { running: false, instance: before.instances[0]?.instance, releases: { old: { requests: 5 } } },
        ]);
        const [now, ended] = instances;
        expect(now?.instance).not.toBe(ended?.instance);
        expect(Date.parse(now?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(ended?.at ?? ''));
      },
    );

    it('say how exact they are', timed, async () => {
      const { resolutionMs, delayMs } = await scene().traffic.observe();
      expect(resolutionMs).toBeGreaterThan(0);
      expect(delayMs).toBeGreaterThanOrEqual(0);
    });
  });
}

const answersIn = (latencies: ReleaseStats['latencies']): number =>
  latencies.reduce((sum, each, at) => (at % 2 === 1 ? sum + each : sum), 0);

const none = {
  requests: 0,
  status2xx: 0,
  status3xx: 0,
  status4xx: 0,
  status5xx: 0,
  connectionFailures: 0,
  cut: 0,
  routerErrors: 0,
  broken: 0,
  aborted: 0,
  streams: 0,
  since: expect.any(Number),
};
