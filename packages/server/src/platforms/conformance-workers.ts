import { expect, it } from 'vitest';
import { type Scene, timed } from './conformance-scene.ts';

/** The part of the suite about processes that take no requests. */
export function workerConformance(scene: () => Scene): void {
  const running = (seen: readonly { phase: string; process: string; index: number }[]) =>
    seen.map(({ phase, process, index }) => `${process} ${index} ${phase}`).sort();

  it('run beside http, each by its name, without an address', timed, async () => {
    const { target, claim } = scene().fresh();
    const processes = [scene().process(1), scene().worker('mailer', 2), scene().worker('clock', 1)];
    await scene().platform.apply({ target, releases: [{ release: 'r1', processes }] }, claim);
    const all = ['clock 0 running', 'http 0 running', 'mailer 0 running', 'mailer 1 running'];
    const seen = await scene().until(target, 'four running', (now) => running(now).join() === all.join());
    for (const { type, process, address } of seen) {
      expect(type).toBe(process === 'http' ? 'http' : 'worker');
      expect(address === null).toBe(type === 'worker');
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(4);
  });

  it('are given their environment without a port', timed, async () => {
    const { target, claim } = scene().fresh();
    const env = { GREETING: 'hello world' };
    const worker = scene().worker('mailer', 1, { tellsEnv: true }, env);
    await scene().platform.apply({ target, releases: [{ release: 'r1', processes: [worker] }] }, claim);
    const [replica] = await scene().until(target, 'running', ([only]) => only?.phase === 'running');
    await expect.poll(() => scene().output(replica?.id ?? '')).toMatch(/^begun\n.+\n$/);
    const seen = JSON.parse((await scene().output(replica?.id ?? '')).split('\n')[1] ?? '{}');
    for (const added of scene().harness.addedEnv) delete seen[added];
    expect(seen).toEqual(env);
  });

  it('come and go alone', timed, async () => {
    const { target, claim } = scene().fresh();
    const http = scene().process(1);
    const wish = (mailers: number) => ({
      target,
      releases: [{ release: 'r1', processes: [http, scene().worker('mailer', mailers)] }],
    });
    for (const mailers of [1, 2, 0, 1]) {
      await scene().platform.apply(wish(mailers), claim);
      const all = ['http 0 running', ...Array.from({ length: mailers }, (_, at) => `mailer ${at} running`)];
      const seen = await scene().until(target, all.join(), (now) => running(now).join() === all.join());
      expect(seen.find(({ type }) => type === 'http')?.restarts).toBe(0);
    }
  });

  it('that end are started again, and say why', timed, async () => {
    const { target, claim } = scene().fresh();
    const worker = scene().worker('mailer', 1, { exits: 3 });
    await scene().platform.apply({ target, releases: [{ release: 'r1', processes: [worker] }] }, claim);
    const again = ([only]: readonly { phase: string; reason: string | null }[]) =>
      only?.phase === 'backoff' && /times$/.test(only.reason ?? '');
    const [replica] = await scene().until(target, 'backoff after the second end', again);
    expect(replica?.reason).toBe(`exited with code 3, ${replica?.restarts} times`);
  });
}
