import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingConformance } from './conformance-counting.ts';
import { host, Scene, type TrafficHarness, timed } from './conformance-scene.ts';
import { servingConformance } from './conformance-serving.ts';

/** Holds a driver to the contract of router.ts. Each test has a router of its own that has never seen a table. */
export function trafficConformance(name: string, make: () => Promise<TrafficHarness>): void {
  let scene: Scene;

  describe(`traffic contract: ${name}`, () => {
    beforeEach(async () => {
      scene = await Scene.on(await make());
    });
    afterEach(async () => await scene.harness.close());

    describe('a table', () => {
      it('is served and acknowledged when apply resolves', timed, async () => {
        expect(await scene.traffic.acks()).toMatchObject([{ generation: -1 }]);
        await scene.traffic.apply(scene.table({ old: 100, new: 0 }), 1);
        expect(await scene.traffic.acks()).toMatchObject([{ generation: 1 }]);
        expect(await scene.answers(10)).toEqual({ 'old 0': 5, 'old 1': 5 });
        await scene.traffic.apply(scene.table({ old: 0, new: 100 }), 2);
        expect(await scene.answers(10)).toEqual({ 'new 0': 10 });
        expect(await scene.traffic.acks()).toMatchObject([{ generation: 2 }]);
      });

      it('is taken again without a change', timed, async () => {
        await scene.traffic.apply(scene.table({ old: 100 }), 3);
        await scene.healthy();
        const { revision } = await scene.traffic.health();
        await scene.traffic.apply(scene.table({ old: 100 }), 3);
        await scene.harness.attach().apply(scene.table({ old: 100 }), 3);
        expect((await scene.traffic.health()).revision).toBe(revision);
      });

      it('is refused when it is older, or another one of the same generation', timed, async () => {
        await scene.traffic.apply(scene.table({ old: 100 }), 3);
        for (const generation of [2, 3])
          await expect(scene.traffic.apply(scene.table({ new: 100 }), generation)).rejects.toMatchObject({
            code: 'stale_generation',
          });
        expect(await scene.answers(4)).toEqual({ 'old 0': 2, 'old 1': 2 });
        expect(await scene.traffic.acks()).toMatchObject([{ generation: 3 }]);
      });

      it('is refused when its weights do not add up, or one replica stands in it twice', timed, async () => {
        const twice = scene.table({ old: 100, new: 0 });
        for (const { backends } of twice.routes) for (const backend of backends) backend.replicas = [scene.new.entry];
        for (const table of [scene.table({ old: 50, new: 49 }), twice])
          await expect(scene.traffic.apply(table, 1)).rejects.toMatchObject({ code: 'bad_request' });
        expect(await scene.traffic.acks()).toMatchObject([{ generation: -1 }]);
      });

      it('that is the newest wins, in whatever order they come', timed, async () => {
        const order = [3, 7, 1, 9, 2, 8, 5, 6, 4];
        const results = await Promise.allSettled(
          order.map((generation) =>
            scene.harness.attach().apply(scene.table(generation === 9 ? { new: 100 } : { old: 100 }), generation),
          ),
        );
        for (const result of results)
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'stale_generation' });
        expect(await scene.traffic.acks()).toMatchObject([{ generation: 9 }]);
        expect(await scene.answers(3)).toEqual({ 'new 0': 3 });
      });

      it('is served again after a crash of the router, by another instance', timed, async () => {
        await scene.traffic.apply(scene.table({ old: 100, new: 0 }), 4);
        const [before] = await scene.traffic.acks();
        await scene.harness.router.crash();
        const away = { code: 'router_away' };
        await expect(scene.traffic.acks()).rejects.toMatchObject(away);
        await expect(scene.traffic.apply(scene.table({ new: 100 }), 5)).rejects.toMatchObject(away);
        await expect(scene.traffic.health()).rejects.toMatchObject(away);
        await expect(scene.traffic.observe()).rejects.toMatchObject(away);
        await expect(scene.traffic.probe({ to: { host } })).rejects.toMatchObject(away);
        await scene.harness.router.restore();
        const [after] = await scene.traffic.acks();
        expect(after?.generation).toBe(4);
        expect(after?.instance).not.toBe(before?.instance);
        expect(await scene.answers(4)).toEqual({ 'old 0': 2, 'old 1': 2 });
        await expect(scene.traffic.apply(scene.table({ new: 100 }), 3)).rejects.toMatchObject({
          code: 'stale_generation',
        });
        await scene.traffic.apply(scene.table({ old: 100, new: 0 }), 4);
        await scene.traffic.apply(scene.table({ new: 100 }), 5);
        expect(await scene.answers(2)).toEqual({ 'new 0': 2 });
      });
    });

    servingConformance(() => scene);
    countingConformance(() => scene);
  });
}
