import { describe, expect, it } from 'vitest';
import type { DesiredTarget } from './platform.ts';
import { type KnownReplica, keptEnded, parseReplicaId, planReplicas, replicaId } from './replicas.ts';

const target = 'target/7';

function wish(replicas: Record<string, number>): DesiredTarget {
  const releases = Object.entries(replicas).map(([release, count]) => ({
    release,
    processes: [
      {
        type: 'http' as const,
        name: 'http',
        replicas: count,
        argv: ['app'] as const,
        cwd: '/app',
        env: {},
        drainMs: 1_000,
      },
    ],
  }));
  return { target, releases };
}

function replica(release: string, index: number, life: number, rest: Partial<KnownReplica> = {}): KnownReplica {
  const name = { target, release, type: 'http' as const, process: 'http', index, life };
  return { name, phase: 'running', stillborn: false, endedAt: null, ...rest };
}

function ids(plan: ReturnType<typeof planReplicas>): Record<'start' | 'stop' | 'forget', string[]> {
  const short = (names: readonly { release: string; index: number; life: number }[]) =>
    names.map(({ release, index, life }) => `${release}:${index}.${life}`);
  return { start: short(plan.start.map(({ name }) => name)), stop: short(plan.stop), forget: short(plan.forget) };
}

describe('planReplicas', () => {
  it('starts what is missing', () => {
    const plan = planReplicas(wish({ r1: 3 }), [replica('r1', 1, 1)]);
    expect(ids(plan)).toEqual({ start: ['r1:0.1', 'r1:2.1'], stop: [], forget: [] });
  });

  it('leaves alone what is there, however it fares', () => {
    const known = (['starting', 'running', 'backoff'] as const).map((phase, at) => replica('r1', at, 1, { phase }));
    expect(ids(planReplicas(wish({ r1: 3 }), known))).toEqual({ start: [], stop: [], forget: [] });
  });

  it('stops other releases and the highest indexes', () => {
    const known = [replica('r1', 0, 1), replica('r2', 0, 1), replica('r2', 1, 1), replica('r2', 2, 1)];
    expect(ids(planReplicas(wish({ r2: 1 }), known))).toEqual({
      start: [],
      stop: ['r1:0.1', 'r2:1.1', 'r2:2.1'],
      forget: [],
    });
  });

  it('does not stop twice what is stopping', () => {
    const known = [replica('r1', 0, 1, { phase: 'stopping' })];
    expect(ids(planReplicas(wish({}), known))).toEqual({ start: [], stop: [], forget: [] });
  });

  it.each(['stopping', 'stopped'] as const)('gives a place that is %s a new life', (phase) => {
    const known = [replica('r1', 0, 1, { phase }), replica('r1', 0, 2, { phase })];
    expect(ids(planReplicas(wish({ r1: 1 }), known))).toEqual({ start: ['r1:0.3'], stop: [], forget: [] });
  });

  it('gives up what was never born', () => {
    const known = [replica('r1', 0, 1, { phase: 'backoff', stillborn: true })];
    expect(ids(planReplicas(wish({ r1: 1 }), known))).toEqual({ start: ['r1:0.2'], stop: ['r1:0.1'], forget: [] });
  });

  it('forgets ended ones, the longest ended first', () => {
    const known = Array.from({ length: keptEnded + 2 }, (_, at) =>
      replica('r1', at, 1, { phase: 'stopped', endedAt: 1_000 - at }),
    );
    expect(ids(planReplicas(wish({}), known)).forget).toEqual([`r1:${keptEnded}.1`, `r1:${keptEnded + 1}.1`]);
  });
});

describe('workers', () => {
  const process = (name: string, replicas: number) =>
    ({
      type: name === 'http' ? 'http' : 'worker',
      name,
      replicas,
      argv: ['app'],
      cwd: '/',
      env: {},
      drainMs: 1,
    }) as const;
  const worker = (name: string, index: number): KnownReplica => ({
    ...replica('r1', index, 1),
    name: { target, release: 'r1', type: 'worker', process: name, index, life: 1 },
  });

  it('have places of their own beside those of http and of each other', () => {
    const processes = [process('http', 1), process('mailer', 2), process('clock', 1)];
    const plan = planReplicas({ target, releases: [{ release: 'r1', processes }] }, [
      replica('r1', 0, 1),
      worker('mailer', 1),
      worker('gone', 0),
    ]);
    expect(plan.start.map(({ name }) => replicaId(name))).toEqual([
      'target/7:r1:worker/mailer:0.1',
      'target/7:r1:worker/clock:0.1',
    ]);
    expect(plan.stop.map(replicaId)).toEqual(['target/7:r1:worker/gone:0.1']);
  });

  it('called http is no http process', () => {
    const named = { ...process('mailer', 1), name: 'http' };
    const plan = planReplicas({ target, releases: [{ release: 'r1', processes: [named] }] }, [replica('r1', 0, 1)]);
    expect(plan.start.map(({ name }) => replicaId(name))).toEqual(['target/7:r1:worker/http:0.1']);
    expect(plan.stop.map(replicaId)).toEqual(['target/7:r1:http:0.1']);
  });
});

describe('the id of a replica', () => {
  it('names it and is read back', () => {
    const { name } = replica('12', 3, 2);
    expect(replicaId(name)).toBe('target/7:12:http:3.2');
    expect(parseReplicaId('target/7:12:http:3.2')).toEqual(name);
    const worker = { ...name, type: 'worker' as const, process: 'mail-er2' };
    expect(replicaId(worker)).toBe('target/7:12:worker/mail-er2:3.2');
    expect(parseReplicaId(replicaId(worker))).toEqual(worker);
  });

  it.each([
    '',
    'target/7',
    'target/7:12:http:3',
    'target/7:12:worker:3.1',
    'target/7:12:worker/:3.1',
    'target/7:12:http/web:3.1',
    '219:build/-:1',
  ])('is not %j', (id) => {
    expect(parseReplicaId(id)).toBeNull();
  });
});
