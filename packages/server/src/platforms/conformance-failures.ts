import { expect, it } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { type Scene, timed } from './conformance-scene.ts';

/** The part of the suite about apps that fail, keepers that are gone, and claims that are no longer the newest. */
export function failureConformance(scene: () => Scene): void {
  it('a replica that crashed comes back as itself', timed, async () => {
    const { target, claim } = scene().fresh();
    await scene().platform.apply(scene().wish(target, { r1: 2 }), claim);
    const [before, neighbour] = await scene().serving(target, { r1: 2 });
    if (before === undefined || neighbour === undefined) throw new Error('two replicas, please');
    const [life, beside] = [await scene().answer(before), await scene().answer(neighbour)];
    await scene().harness.crash(life);
    await scene().until(target, 'restarted', ([first]) => first?.restarts === 1 && first.phase === 'running');
    const [after] = await scene().serving(target, { r1: 2 });
    expect(after).toMatchObject({ id: before.id, address: before.address, reason: null, lastEnd: 'ended by SIGKILL' });
    expect((await scene().answer(before)).life).not.toBe(life.life);
    expect((await scene().answer(neighbour)).life).toBe(beside.life);
  });

  it('one that ends again and again waits for its next start, and says why', timed, async () => {
    const { target, claim } = scene().fresh();
    const app = scene().process(1, { listens: 'PORT', onTerm: 'end', exits: 3 });
    const wish = scene().wish(target, { r1: app });
    await scene().platform.apply(wish, claim);
    const [replica] = await scene().until(
      target,
      'backoff after the second end',
      ([only]) => only?.phase === 'backoff' && only.restarts >= 1 && /times$/.test(only.reason ?? ''),
    );
    expect(replica?.reason).toBe(`exited with code 3, ${replica?.restarts} times`);
    expect(replica?.lastEnd).toBe(replica?.reason);
    // A repeated wish is no reason to start anew.
    await scene().platform.apply(wish, claim);
    expect((await scene().platform.observe(target)).map(({ id }) => id)).toEqual([replica?.id]);
    await scene().platform.apply(scene().wish(target, {}), claim);
    await scene().until(target, 'gone', (seen) => seen.length === 0);
  });

  it('one that listens elsewhere is seen to', timed, async () => {
    const { target, claim } = scene().fresh();
    const app = scene().process(1, { listens: 'elsewhere', onTerm: 'end' });
    await scene().platform.apply(scene().wish(target, { r1: app }), claim);
    const [replica] = await scene().until(target, 'listening', ([only]) => only?.listens.length === 1);
    const { address, listens } = replica ?? {};
    expect(address != null && 'port' in address ? listens?.includes(address.port) : null).toBe(false);
  });

  it('one that listens nowhere is seen to', timed, async () => {
    const { target, claim } = scene().fresh();
    const app = scene().process(1, { listens: 'nowhere', onTerm: 'end' });
    await scene().platform.apply(scene().wish(target, { r1: app }), claim);
    const [replica] = await scene().until(target, 'running', ([only]) => only?.phase === 'running');
    expect(replica?.listens).toEqual([]);
  });

  it('the keeper’s death is no replica’s, and its return makes no difference', timed, async () => {
    const { target, claim } = scene().fresh();
    const wish = scene().wish(target, { r1: 2 });
    await scene().platform.apply(wish, claim);
    const before = await scene().serving(target, { r1: 2 });
    const lives = await scene().lives(before);
    await scene().harness.keeper.crash();
    const away = { code: expect.stringMatching(/_away$/) };
    await expect(scene().platform.observe(target)).rejects.toMatchObject(away);
    await expect(scene().platform.apply(wish, claim)).rejects.toMatchObject(away);
    await expect(scene().platform.owns(before[0]?.id ?? '', { port: 1 })).rejects.toMatchObject(away);
    expect(await scene().lives(before)).toEqual(lives);
    await scene().harness.keeper.restore();
    await scene().platform.apply(wish, claim);
    expect(await scene().serving(target, { r1: 2 })).toEqual(before);
    expect(await scene().lives(before)).toEqual(lives);
  });

  it('an older claim changes nothing, not even nothing', timed, async () => {
    const { target, claim } = scene().fresh();
    const newer = { ...claim, epoch: 7 };
    const wish = scene().wish(target, { r1: 1 });
    await scene().platform.apply(wish, newer);
    const before = await scene().serving(target, { r1: 1 });
    const late = scene().harness.attach();
    const older = { ...claim, epoch: 6 };
    await expect(late.apply(wish, older)).rejects.toThrow(StaleClaim);
    await expect(late.apply(scene().wish(target, { r2: 1 }), older)).rejects.toThrow(StaleClaim);
    await expect(late.remove(target, older)).rejects.toThrow(StaleClaim);
    expect(await scene().serving(target, { r1: 1 })).toEqual(before);
    await scene().harness.keeper.crash();
    await scene().harness.keeper.restore();
    await expect(late.apply(wish, older)).rejects.toThrow(StaleClaim);
    // Neither does an empty target forget who was last.
    await scene().platform.remove(target, newer);
    await expect(late.apply(wish, older)).rejects.toThrow(StaleClaim);
    expect(await scene().platform.observe(target)).toEqual([]);
  });
}
