import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureConformance } from './conformance-failures.ts';
import { type PlatformHarness, Scene, timed } from './conformance-scene.ts';
import { workerConformance } from './conformance-workers.ts';

/** Holds a driver to the contract of platform.ts. */
export function platformConformance(name: string, make: () => Promise<PlatformHarness>): void {
  let scene: Scene;

  describe(`platform contract: ${name}`, () => {
    beforeAll(async () => {
      scene = new Scene(await make());
    });
    afterEach(async () => await scene.tidy());
    afterAll(async () => await scene.harness.close());

    describe('apply', () => {
      it('brings a release up, each replica at an address of its own', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 2 }), claim);
        const replicas = await scene.serving(target, { r1: 2 });
        expect(new Set(replicas.map(({ id }) => id)).size).toBe(2);
        expect(new Set(replicas.map(({ address }) => JSON.stringify(address))).size).toBe(2);
        for (const replica of replicas)
          expect(replica).toMatchObject({ type: 'http', process: 'http', restarts: 0, reason: null });
      });

      it('gives each replica its folder, its environment and its port, and nothing else', timed, async () => {
        const { target, claim } = scene.fresh();
        const env = { GREETING: 'hello world', EMPTY: '', QUOTES: `a'b"c $HOME`, LINES: 'one\ntwo' };
        await scene.platform.apply(scene.wish(target, { r1: scene.process(1, undefined, { env }) }), claim);
        const [replica] = await scene.serving(target, { r1: 1 });
        if (replica?.address == null || !('port' in replica.address)) throw new Error('no address with a port');
        const answer = await scene.answer(replica);
        const seen = { ...answer.env };
        for (const added of scene.harness.addedEnv) delete seen[added];
        expect(seen).toEqual({ ...env, PORT: String(replica.address.port) });
        expect(answer.cwd).toBe(scene.harness.cwd);
      });

      it('changes nothing when it is repeated, by whomever', timed, async () => {
        const { target, claim } = scene.fresh();
        const wish = scene.wish(target, { r1: 2 });
        await scene.platform.apply(wish, claim);
        const before = await scene.serving(target, { r1: 2 });
        const lives = await scene.lives(before);
        await scene.platform.apply(wish, claim);
        const next = scene.harness.attach();
        await Promise.all([1, 2, 3].map(() => next.apply(wish, { ...claim, epoch: 2 })));
        expect(await scene.serving(target, { r1: 2 })).toEqual(before);
        expect(await scene.lives(before)).toEqual(lives);
      });

      it('starts each replica once, however many servers ask at the same time', timed, async () => {
        const { target, claim } = scene.fresh();
        const wish = scene.wish(target, { r1: 3 });
        await Promise.all([1, 2, 3].map(() => scene.harness.attach().apply(wish, claim)));
        const replicas = await scene.serving(target, { r1: 3 });
        for (const { id } of replicas) expect(await scene.output(id)).toBe('begun\n');
        // Who lost a race has left nothing behind either, not even an ended replica.
        expect((await scene.platform.observe(target)).length).toBe(3);
      });

      it('scales up and down and leaves the others alone', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        const first = await scene.serving(target, { r1: 1 });
        const lives = await scene.lives(first);
        await scene.platform.apply(scene.wish(target, { r1: 3 }), claim);
        const three = await scene.serving(target, { r1: 3 });
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        expect(await scene.serving(target, { r1: 1 })).toEqual(first);
        expect(await scene.lives(first)).toEqual(lives);
        for (const { address } of three.slice(1))
          expect(address === null ? null : await scene.harness.ask(address)).toBeNull();
      });

      it('runs two releases side by side and takes one away', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        const old = await scene.serving(target, { r1: 1 });
        const lives = await scene.lives(old);
        await scene.platform.apply(scene.wish(target, { r1: 1, r2: 2 }), claim);
        const listed = (await scene.platform.list()).filter((each) => each.target === target);
        expect(listed.map(({ release }) => release).sort()).toEqual(['r1', 'r2', 'r2']);
        const both = await scene.serving(target, { r1: 1, r2: 2 });
        expect(both.slice(0, 1)).toEqual(old);
        expect(await scene.lives(old)).toEqual(lives);
        await scene.platform.apply(scene.wish(target, { r2: 2 }), claim);
        expect(await scene.serving(target, { r2: 2 })).toEqual(both.slice(1));
      });

      it('lets a replica finish', timed, async () => {
        const { target, claim, id } = scene.fresh();
        const app = scene.process(1, { listens: 'PORT', onTerm: 'await-gate', gate: id }, { drainMs: 60_000 });
        await scene.platform.apply(scene.wish(target, { r1: app }), claim);
        const [replica] = await scene.serving(target, { r1: 1 });
        await scene.platform.apply(scene.wish(target, {}), claim);
        await scene.until(target, 'stopping', ([only]) => only?.phase === 'stopping');
        // Asking again is no reason to be less patient.
        await scene.platform.apply(scene.wish(target, {}), claim);
        await scene.harness.open(id);
        await scene.until(target, 'gone', (seen) => seen.length === 0);
        expect(await scene.output(replica?.id ?? '')).toBe('begun\nfinished\n');
        expect(await scene.platform.observe(target)).toEqual([
          { ...replica, phase: 'stopped', reason: null, listens: [] },
        ]);
      });

      it('ends by force what does not finish in time', timed, async () => {
        const { target, claim } = scene.fresh();
        const app = scene.process(2, { listens: 'PORT', onTerm: 'ignore' }, { drainMs: 300 });
        await scene.platform.apply(scene.wish(target, { r1: app }), claim);
        const replicas = await scene.serving(target, { r1: 2 });
        await scene.platform.apply(scene.wish(target, {}), claim);
        await scene.until(target, 'gone', (seen) => seen.length === 0);
        for (const { address } of replicas)
          expect(address === null ? null : await scene.harness.ask(address)).toBeNull();
        for (const { reason } of await scene.platform.observe(target)) expect(reason).toBe('ended by SIGKILL');
      });

      it('brings a release back that is still being stopped, without waiting for it', timed, async () => {
        const { target, claim, id } = scene.fresh();
        const app = scene.process(1, { listens: 'PORT', onTerm: 'await-gate', gate: id }, { drainMs: 60_000 });
        await scene.platform.apply(scene.wish(target, { r1: app }), claim);
        const [first] = await scene.serving(target, { r1: 1 });
        await scene.platform.apply(scene.wish(target, {}), claim);
        await scene.until(target, 'stopping', ([only]) => only?.phase === 'stopping');
        await scene.platform.apply(scene.wish(target, { r1: app }), claim);
        const [, second] = await scene
          .until(
            target,
            'one going, one running',
            (seen) =>
              seen
                .map(({ phase }) => phase)
                .sort()
                .join() === 'running,stopping',
          )
          .then((seen) => seen.sort((a, b) => (a.phase === b.phase ? 0 : a.phase === 'stopping' ? -1 : 1)));
        expect(second?.id).not.toBe(first?.id);
        if (second !== undefined) await scene.answer(second);
        await scene.harness.open(id);
        await scene.serving(target, { r1: 1 });
      });

      it('brings a release back that has ended', timed, async () => {
        const { target, claim } = scene.fresh();
        for (const replicas of [1, 0, 1]) {
          await scene.platform.apply(scene.wish(target, { r1: replicas }), claim);
          await scene.serving(target, { r1: replicas });
        }
      });

      it('works for many targets at once', timed, async () => {
        const targets = Array.from({ length: 5 }, () => scene.fresh());
        await Promise.all(
          targets.map(({ target, claim }) => scene.platform.apply(scene.wish(target, { r1: 2 }), claim)),
        );
        const ports = new Set<string>();
        for (const { target } of targets)
          for (const { address } of await scene.serving(target, { r1: 2 })) ports.add(JSON.stringify(address));
        expect(ports.size).toBe(10);
      });
    });

    describe('logs', () => {
      it('are kept from any offset, beyond the end of the replica', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        const [replica] = await scene.serving(target, { r1: 1 });
        const id = replica?.id ?? '';
        expect(await scene.output(id)).toBe('begun\n');
        expect(await scene.output(id, 2)).toBe('gun\n');
        expect(await scene.output(id, 6)).toBe('');
        const followed = scene.output(id, 0, { follow: true });
        await scene.platform.apply(scene.wish(target, {}), claim);
        expect(await followed).toBe('begun\n');
        expect(await scene.output(id)).toBe('begun\n');
      });

      it('of an unknown replica are empty', timed, async () => {
        expect(await scene.output('target/0:r1:http:0.1', 0, { follow: true })).toBe('');
      });

      it('are no longer waited for once the caller aborts', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        const [replica] = await scene.serving(target, { r1: 1 });
        const abort = new AbortController();
        const followed = scene.output(replica?.id ?? '', 6, { follow: true, signal: abort.signal });
        const settled = Promise.allSettled([followed]);
        await scene.platform.observe(target);
        abort.abort();
        expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }]);
      });
    });

    describe('remove', () => {
      it('leaves nothing of a target, and the others alone', timed, async () => {
        const [one, other] = [scene.fresh(), scene.fresh()];
        for (const { target, claim } of [one, other])
          await scene.platform.apply(scene.wish(target, { r1: 2, r2: 1 }), claim);
        const kept = await scene.serving(other.target, { r1: 2, r2: 1 });
        const replicas = await scene.serving(one.target, { r1: 2, r2: 1 });
        await scene.platform.remove(one.target, one.claim);
        expect(await scene.platform.observe(one.target)).toEqual([]);
        expect(await scene.output(replicas[0]?.id ?? '')).toBe('');
        for (const { address } of replicas)
          expect(address === null ? null : await scene.harness.ask(address)).toBeNull();
        await scene.platform.remove(one.target, one.claim);
        expect(await scene.serving(other.target, { r1: 2, r2: 1 })).toEqual(kept);
      });
    });

    describe('owns', () => {
      it('tells a replica from everybody else', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 2 }), claim);
        const [own, other] = await scene.serving(target, { r1: 2 });
        if (own?.address == null || other === undefined) throw new Error('two replicas, please');
        const connection = await scene.harness.connect(own.address);
        const { port, localPort } = connection;
        try {
          expect(await scene.platform.owns(own.id, { port, localPort })).toEqual({ belongs: true, other: null });
          expect(await scene.platform.owns(own.id, { port })).toEqual({ belongs: true, other: null });
          const stranger = await scene.platform.owns(other.id, { port, localPort });
          expect(stranger.belongs).toBe(false);
          expect(stranger.other).toContain(own.id);
        } finally {
          connection.close();
        }
      });

      it('says no where nobody listens, and for a replica that is unknown', timed, async () => {
        const { target, claim } = scene.fresh();
        await scene.platform.apply(scene.wish(target, { r1: 1 }), claim);
        const [replica] = await scene.serving(target, { r1: 1 });
        expect(await scene.platform.owns(replica?.id ?? '', { port: 1 })).toEqual({ belongs: false, other: null });
        expect(await scene.platform.owns(`${target}:r9:http:0.1`, { port: 1 })).toEqual({
          belongs: false,
          other: null,
        });
      });
    });

    describe('workers', () => workerConformance(() => scene));

    describe('in trouble', () => failureConformance(() => scene));
  });
}
