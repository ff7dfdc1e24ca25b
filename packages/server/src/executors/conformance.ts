import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endingConformance } from './conformance-endings.ts';
import { deadlineMs, type ExecutorHarness, Scene, timed } from './conformance-scene.ts';
import type { Script } from './script.ts';

/** Holds a driver to the contract of executor.ts. */
export function executorConformance(name: string, make: () => Promise<ExecutorHarness>): void {
  let scene: Scene;

  describe(`executor contract: ${name}`, () => {
    beforeAll(async () => {
      scene = new Scene(await make());
    });
    afterAll(async () => await scene.harness.close());

    describe('a key', () => {
      it('runs once, however often and by whomever it is submitted', timed, async () => {
        const { id, key, claim } = scene.fresh();
        const what = scene.command([
          { do: 'mark', name: id },
          { do: 'await-gate', name: id },
        ]);
        await scene.executor.submit(key, what, claim);
        await scene.executor.submit(key, what, claim);
        await Promise.all(Array.from({ length: 5 }, () => scene.harness.attach().submit(key, what, claim)));
        await scene.harness.open(id);
        expect(await scene.ended(key)).toEqual({ status: 'exited', exitCode: 0, reason: null });
        await scene.executor.submit(key, what, claim);
        expect(await scene.executor.observe(key)).toEqual({ status: 'exited', exitCode: 0, reason: null });
        expect((await scene.harness.marks(id)).count).toBe(1);
      });

      it('is refused for another command, and goes on with its own', timed, async () => {
        const { id, key, claim } = scene.fresh();
        const script: Script = [
          { do: 'await-gate', name: id },
          { do: 'exit', code: 4 },
        ];
        await scene.executor.submit(key, scene.command(script), claim);
        for (const other of [scene.command([]), scene.command(script, { cwd: '/' })])
          await expect(scene.executor.submit(key, other, claim)).rejects.toMatchObject({ code: 'spec_differs' });
        // A newer server may have other variables to pass: that makes no other command, and they are not taken over.
        await scene.executor.submit(key, scene.command(script, { env: { LANG: 'de' } }), claim);
        await scene.harness.open(id);
        expect((await scene.ended(key)).exitCode).toBe(4);
      });

      it('is found again by a new driver', timed, async () => {
        const { id, key, claim } = scene.fresh();
        await scene.executor.submit(key, scene.command([{ do: 'await-gate', name: id }]), claim);
        const next = scene.harness.attach();
        expect(await next.observe(key)).toEqual({ status: 'running', exitCode: null, reason: null });
        expect(await next.observe(key, { waitMs: 50 })).toMatchObject({ status: 'running' });
        await scene.harness.open(id);
        expect(await scene.ended(key, next)).toMatchObject({ status: 'exited', exitCode: 0 });
      });

      it('runs on while its keeper is gone, and is known when it is back', timed, async () => {
        const { id, key, claim } = scene.fresh();
        const what = scene.command([
          { do: 'mark', name: id },
          { do: 'print', text: 'before\n' },
          { do: 'await-gate', name: id },
          { do: 'print', text: 'after\n' },
          { do: 'exit', code: 7 },
        ]);
        await scene.executor.submit(key, what, claim);
        await scene.passed(id);
        await scene.harness.keeper.crash();
        await expect(scene.executor.observe(key)).rejects.toMatchObject({ code: expect.stringMatching(/_away$/) });
        await expect(scene.executor.submit(key, what, claim)).rejects.toMatchObject({
          code: expect.stringMatching(/_away$/),
        });
        await scene.harness.open(id);
        await scene.harness.keeper.restore();
        await scene.executor.submit(key, what, claim);
        expect(await scene.ended(key)).toEqual({ status: 'exited', exitCode: 7, reason: null });
        expect((await scene.output(key)).toString()).toBe('before\nafter\n');
        expect((await scene.harness.marks(id)).count).toBe(1);
      });

      it('runs beside others', timed, async () => {
        const { id, claim } = scene.fresh();
        const keys = Array.from({ length: 20 }, (_, at) => `${id}:unit:${at}`);
        await Promise.all(
          keys.map((key, at) =>
            scene.executor.submit(
              key,
              scene.command([
                { do: 'print', text: key },
                { do: 'exit', code: at },
              ]),
              claim,
            ),
          ),
        );
        const states = await Promise.all(keys.map((key) => scene.ended(key)));
        expect(states.map((state) => state.exitCode)).toEqual(keys.map((_, at) => at));
        for (const key of keys) expect((await scene.output(key)).toString()).toBe(key);
        expect((await scene.executor.list(claim.scope)).sort()).toEqual([...keys].sort());
      });

      it('is unknown before its submit', async () => {
        expect(await scene.executor.observe('nobody:build:1')).toBeNull();
        expect(await scene.executor.list('run/nobody')).toEqual([]);
        expect(await scene.output('nobody:build:1', 0, { follow: true })).toEqual(Buffer.alloc(0));
      });

      it('is forgotten with its output, not before its end', timed, async () => {
        const { id, key, claim } = scene.fresh();
        await scene.executor.submit(
          key,
          scene.command([
            { do: 'print', text: 'x' },
            { do: 'await-gate', name: id },
          ]),
          claim,
        );
        await expect(scene.executor.forget(key, claim)).rejects.toMatchObject({ code: 'not_ended' });
        await scene.harness.open(id);
        await scene.ended(key);
        expect(await scene.executor.list(claim.scope)).toEqual([key]);
        await scene.executor.forget(key, claim);
        await scene.executor.forget(key, claim);
        expect(await scene.executor.list(claim.scope)).toEqual([]);
        expect(await scene.executor.observe(key)).toBeNull();
        expect(await scene.output(key)).toEqual(Buffer.alloc(0));
      });

      it('is listed under its own scope alone', timed, async () => {
        const { key, claim } = scene.fresh();
        await scene.executor.submit(key, scene.command([]), claim);
        await scene.executor.submit(`${key}0`, scene.command([]), { scope: `${claim.scope}0`, epoch: 1 });
        expect(await scene.executor.list(claim.scope)).toEqual([key]);
      });
    });

    describe('a command', () => {
      it.each([0, 1, 42, 255])('ends with its code %i', timed, async (code) => {
        expect(await scene.run([{ do: 'exit', code }])).toMatchObject({
          status: 'exited',
          exitCode: code,
          reason: null,
        });
      });

      it('that a signal ended says so', timed, async () => {
        const state = await scene.run([{ do: 'end-itself', signal: 'SIGKILL' }]);
        expect(state).toMatchObject({ status: 'exited', exitCode: null, reason: 'ended by SIGKILL' });
      });

      it('that cannot be found ends as in a shell', timed, async () => {
        const state = await scene.run([], { argv: ['/no/such/program', 'x'] });
        expect(state).toMatchObject({ status: 'exited', exitCode: 127, reason: null });
        expect(state.output.toString()).toContain('/no/such/program');
      });

      it('gets its arguments literally', timed, async () => {
        const given = ['a b', '"quoted"', "it's", '$HOME `id` $(id)', 'two\nlines', '', '*', '\\', 'ü€', '--flag', ';'];
        const { output: printed } = await scene.run([], {
          argv: scene.harness.argv([{ do: 'report', what: 'argv' }], ...given),
        });
        expect(JSON.parse(printed.toString())).toEqual(given);
      });

      it('gets its environment and nothing else', timed, async () => {
        const env = { GREETING: 'hello world', EMPTY: '', QUOTES: `a'b"c`, LINES: 'one\ntwo', PATH: '/nowhere' };
        const { output: printed } = await scene.run([{ do: 'report', what: 'env' }], { env });
        const seen: Record<string, string> = JSON.parse(printed.toString());
        for (const added of scene.harness.addedEnv) delete seen[added];
        expect(seen).toEqual(env);
      });

      it('runs in its folder', timed, async () => {
        const { output: printed } = await scene.run([{ do: 'report', what: 'cwd' }]);
        expect(JSON.parse(printed.toString())).toBe(scene.harness.cwd);
      });

      it('takes what it started along when it ends', timed, async () => {
        const { id } = scene.fresh();
        const child: Script = [
          { do: 'mark', name: id },
          { do: 'await-gate', name: 'never' },
        ];
        await scene.run([
          { do: 'start-child', detached: false, script: child },
          { do: 'start-child', detached: true, script: child },
        ]);
        await scene.gone(id);
      });
    });

    describe('output', () => {
      it('is complete and in order when the command has ended', timed, async () => {
        const { output: printed } = await scene.run([{ do: 'print-lines', count: 20_000 }]);
        const expected = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('');
        expect(printed.toString()).toBe(expected);
      });

      it('is kept byte by byte, whatever they are', timed, async () => {
        const bytes = Buffer.from(Array.from({ length: 2_048 }, (_, at) => (at * 7) % 256));
        const { output: printed } = await scene.run([{ do: 'print-bytes', base64: bytes.toString('base64') }]);
        expect(printed.equals(bytes)).toBe(true);
      });

      it('is given from any offset', timed, async () => {
        const { key, claim } = scene.fresh();
        await scene.executor.submit(key, scene.command([{ do: 'print', text: '0123456789' }]), claim);
        await scene.ended(key);
        for (const offset of [0, 1, 9, 10, 11])
          expect((await scene.output(key, offset)).toString()).toBe('0123456789'.slice(offset));
      });

      it('is followed until the end, and then ends', timed, async () => {
        const { id, key, claim } = scene.fresh();
        await scene.executor.submit(
          key,
          scene.command([
            { do: 'print', text: 'first\n' },
            { do: 'await-gate', name: id },
            { do: 'print-lines', count: 5_000 },
          ]),
          claim,
        );
        let seen = '';
        for await (const bytes of scene.executor.logs(key, 0, { follow: true })) {
          // The first line comes while the command waits for us: following doesn't hold it back.
          if (seen === '') await scene.harness.open(id);
          seen += bytes.toString();
        }
        expect(seen).toBe(`first\n${Array.from({ length: 5_000 }, (_, at) => `line ${at}\n`).join('')}`);
        expect(await scene.executor.observe(key)).toMatchObject({ status: 'exited', exitCode: 0 });
      });

      it('is no longer waited for once the caller aborts', timed, async () => {
        const { id, key, claim } = scene.fresh();
        await scene.executor.submit(key, scene.command([{ do: 'await-gate', name: id }]), claim);
        const abort = new AbortController();
        const { signal } = abort;
        const waits = [
          scene.output(key, 0, { follow: true, signal }),
          scene.executor.observe(key, { waitMs: deadlineMs, signal }),
        ];
        const settled = Promise.allSettled(waits);
        await scene.executor.observe(key);
        abort.abort();
        for (const one of await settled)
          expect(one).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
        await scene.harness.open(id);
        await scene.ended(key);
      });
    });

    describe('an end', () => endingConformance(() => scene));
  });
}
