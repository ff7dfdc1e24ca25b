import { expect, it } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { deadlineMs, type Scene, timed } from './conformance-scene.ts';
import type { Script } from './script.ts';

/** The part of the suite about ends that do not come by themselves, and about claims that are no longer the newest. */
export function endingConformance(scene: () => Scene): void {
  /** A family that no polite signal ends: the command, a child in its group and one that left for a session of its own. */
  function stubborn(mark: string): Script {
    const stay: Script = [
      { do: 'on-term', answer: 'ignore' },
      { do: 'mark', name: mark },
      { do: 'await-gate', name: 'never' },
    ];
    return [
      { do: 'start-child', detached: false, script: stay },
      { do: 'start-child', detached: true, script: stay },
      ...stay,
    ];
  }

  it('by cancel takes everything along, by force after the grace', timed, async () => {
    const { id, key, claim } = scene().fresh();
    await scene().executor.submit(key, scene().command(stubborn(id)), claim);
    await scene().passed(id, 3);
    const began = performance.now();
    await scene().executor.cancel(key, 500, claim);
    expect(await scene().executor.observe(key, { waitMs: deadlineMs })).toMatchObject({ status: 'cancelled' });
    const tookMs = performance.now() - began;
    expect((await scene().harness.marks(id)).alive).toBe(0);
    // Never before the grace is over; the upper bound leaves room for a busy machine.
    expect(tookMs).toBeGreaterThan(450);
    expect(tookMs).toBeLessThan(500 + 1_000 + 4_000);
  });

  it('by cancel is asked for politely first', timed, async () => {
    const { id, key, claim } = scene().fresh();
    await scene().executor.submit(
      key,
      scene().command([
        { do: 'on-term', answer: 'exit' },
        { do: 'mark', name: id },
        { do: 'await-gate', name: 'never' },
      ]),
      claim,
    );
    await scene().passed(id);
    await scene().executor.cancel(key, 60_000, claim);
    expect(await scene().executor.observe(key, { waitMs: deadlineMs })).toEqual({
      status: 'cancelled',
      exitCode: null,
      reason: null,
    });
    expect((await scene().output(key)).toString()).toBe('told to stop\n');
  });

  it('by cancel comes also when nothing has begun yet', timed, async () => {
    const { id, key, claim } = scene().fresh();
    await scene().executor.submit(
      key,
      scene().command([
        { do: 'mark', name: id },
        { do: 'await-gate', name: 'never' },
      ]),
      claim,
    );
    await scene().executor.cancel(key, 200, claim);
    expect(await scene().executor.observe(key, { waitMs: deadlineMs })).toMatchObject({ status: 'cancelled' });
    await scene().gone(id);
  });

  it('by cancel can be asked for again, with less patience', timed, async () => {
    const { id, key, claim } = scene().fresh();
    await scene().executor.submit(key, scene().command(stubborn(id)), claim);
    await scene().passed(id, 3);
    await scene().executor.cancel(key, 600_000, claim);
    expect(await scene().executor.observe(key)).toMatchObject({ status: 'running' });
    await scene().executor.cancel(key, 100, claim);
    expect(await scene().executor.observe(key, { waitMs: deadlineMs })).toMatchObject({ status: 'cancelled' });
  });

  it('by cancel is nothing to an unknown key, nor to one that has ended', timed, async () => {
    const { key, claim } = scene().fresh();
    await scene().executor.cancel(key, 100, claim);
    await scene().executor.submit(key, scene().command([{ do: 'exit', code: 3 }]), claim);
    expect(await scene().ended(key)).toMatchObject({ status: 'exited', exitCode: 3 });
    await scene().executor.cancel(key, 100, claim);
    expect(await scene().executor.observe(key)).toEqual({ status: 'exited', exitCode: 3, reason: null });
  });

  it('goes on while the keeper is gone', timed, async () => {
    const { id, key, claim } = scene().fresh();
    await scene().executor.submit(key, scene().command(stubborn(id)), claim);
    await scene().passed(id, 3);
    await scene().executor.cancel(key, 300, claim);
    await scene().harness.keeper.crash();
    await scene().harness.keeper.restore();
    expect(await scene().executor.observe(key, { waitMs: deadlineMs })).toMatchObject({ status: 'cancelled' });
    await scene().gone(id);
  });

  it('by time-out says so and takes everything along', timed, async () => {
    const { id } = scene().fresh();
    const wait: Script = [
      { do: 'mark', name: id },
      { do: 'await-gate', name: 'never' },
    ];
    const state = await scene().run(
      [
        { do: 'print', text: 'begun\n' },
        { do: 'on-term', answer: 'exit' },
        { do: 'start-child', detached: true, script: wait },
        ...wait,
      ],
      { timeoutMs: 2_000 },
    );
    // It left with 0 when it was told to stop: that is no success.
    expect(state).toMatchObject({ status: 'exited', exitCode: null, reason: 'ran longer than 2 s' });
    expect(state.output.toString()).toBe('begun\ntold to stop\n');
    expect((await scene().harness.marks(id)).alive).toBe(0);
  });

  it('and all else is refused to an older claim', timed, async () => {
    const { id, key, claim } = scene().fresh();
    const what = scene().command([
      { do: 'mark', name: id },
      { do: 'await-gate', name: id },
    ]);
    const newer = { ...claim, epoch: 2 };
    await scene().executor.submit(key, what, claim);
    await scene().executor.submit(key, what, newer);
    await scene().passed(id);
    const late = scene().harness.attach();
    await expect(late.submit(key, what, claim)).rejects.toThrow(StaleClaim);
    await expect(late.submit(`${key}b`, what, claim)).rejects.toThrow(StaleClaim);
    await expect(late.cancel(key, 0, claim)).rejects.toThrow(StaleClaim);
    expect(await scene().executor.list(claim.scope)).toEqual([key]);
    expect(await scene().executor.observe(key)).toMatchObject({ status: 'running' });
    await scene().harness.open(id);
    await scene().ended(key);
    await expect(late.forget(key, claim)).rejects.toThrow(StaleClaim);
    expect(await scene().executor.observe(key)).toMatchObject({ status: 'exited', exitCode: 0 });
    // What an older epoch may not do in this scope, it may in its own.
    await scene().executor.submit(`${key}c`, scene().command([]), { scope: `${claim.scope}c`, epoch: 1 });
  });

  it('leaves the newest epoch known when its keeper comes back', timed, async () => {
    const { key, claim } = scene().fresh();
    await scene().executor.submit(key, scene().command([]), { ...claim, epoch: 5 });
    await scene().ended(key);
    await scene().harness.keeper.crash();
    await scene().harness.keeper.restore();
    await expect(scene().executor.submit(`${key}b`, scene().command([]), { ...claim, epoch: 4 })).rejects.toThrow(
      StaleClaim,
    );
  });
}
