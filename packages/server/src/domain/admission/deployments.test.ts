import type { DeploymentCause } from '@towpath/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitDeployments, comingRelease, type DeploymentsDecision, type OpenDeployment } from './deployments.ts';
import { causes, deployment } from './deployments-scene.ts';

const decision = (parts: Partial<DeploymentsDecision>) => ({
  start: [],
  supersede: [],
  cancel: [],
  abort: [],
  ...parts,
});

test.each<[string, OpenDeployment[], Partial<DeploymentsDecision>]>([
  ['nothing', [], {}],
  ['one begins', [deployment(1, 'run')], { start: [1] }],
  ['one at a time', [deployment(1, 'run', 'running'), deployment(2, 'run')], {}],
  [
    'each target for itself',
    [deployment(1, 'run', 'running'), deployment(2, 'run', 'queued', { target: 2 })],
    { start: [2] },
  ],
  [
    'the newest of those that wait, once the running one has ended',
    [deployment(2, 'run'), deployment(3, 'run'), deployment(4, 'run')],
    {
      start: [4],
      supersede: [
        { id: 2, by: 4 },
        { id: 3, by: 4 },
      ],
    },
  ],
  [
    'those that are needless are told at once',
    [deployment(1, 'run', 'running'), deployment(2, 'run'), deployment(3, 'run')],
    { supersede: [{ id: 2, by: 3 }] },
  ],
  [
    'a rollback calls back what runs, and replaces what waits',
    [deployment(1, 'run', 'running'), deployment(2, 'run'), deployment(3, 'rollback')],
    { supersede: [{ id: 2, by: 3 }], abort: [{ id: 1, by: 3 }] },
  ],
  ['it is called back once', [deployment(1, 'run', 'running', { interrupted: true }), deployment(3, 'rollback')], {}],
  ['and then the rollback begins', [deployment(3, 'rollback')], { start: [3] }],
  [
    'a promotion goes ahead of a run',
    [deployment(1, 'run', 'running'), deployment(2, 'promote')],
    { abort: [{ id: 1, by: 2 }] },
  ],
  ['a run waits for a rollback', [deployment(1, 'rollback', 'running'), deployment(2, 'run')], {}],
  ['a rollback waits for a rollback', [deployment(1, 'rollback', 'running'), deployment(2, 'rollback')], {}],
  [
    'a run that was asked for after a rollback comes after it',
    [deployment(1, 'rollback'), deployment(2, 'run')],
    { start: [1] },
  ],
  ['a change of config waits for what runs', [deployment(1, 'run', 'running'), deployment(2, 'config')], {}],
  [
    "a change of config does not replace a run's deployment: it comes after it",
    [deployment(1, 'run'), deployment(2, 'config')],
    { start: [1] },
  ],
  [
    'a newer run brings the change of config along',
    [deployment(1, 'run', 'running'), deployment(2, 'config'), deployment(3, 'run')],
    { supersede: [{ id: 2, by: 3 }] },
  ],
  [
    'of several changes of config the newest is made',
    [deployment(1, 'config'), deployment(2, 'config'), deployment(3, 'config')],
    {
      start: [3],
      supersede: [
        { id: 1, by: 3 },
        { id: 2, by: 3 },
      ],
    },
  ],
  [
    'a rollback is not held up by a change of config',
    [deployment(1, 'config', 'running'), deployment(2, 'config'), deployment(3, 'rollback')],
    { supersede: [{ id: 2, by: 3 }], abort: [{ id: 1, by: 3 }] },
  ],
  [
    'a change of config after a rollback comes after it',
    [deployment(1, 'rollback'), deployment(2, 'config')],
    { start: [1] },
  ],
  [
    'scaling replaces nothing that brings more',
    [deployment(1, 'run'), deployment(2, 'config'), deployment(3, 'scale')],
    { start: [1] },
  ],
  ['a run scales, too', [deployment(1, 'scale'), deployment(2, 'run')], { start: [2], supersede: [{ id: 1, by: 2 }] }],
  [
    'a teardown calls back what runs, and replaces all that waits',
    [deployment(1, 'run', 'running'), deployment(2, 'rollback'), deployment(3, 'scale'), deployment(4, 'teardown')],
    {
      supersede: [
        { id: 2, by: 4 },
        { id: 3, by: 4 },
      ],
      abort: [{ id: 1, by: 4 }],
    },
  ],
  ['a teardown waits for a rollback that runs', [deployment(1, 'rollback', 'running'), deployment(2, 'teardown')], {}],
  [
    'nothing that is asked for after a teardown goes before it, or replaces it',
    [deployment(1, 'teardown'), deployment(2, 'run'), deployment(3, 'rollback')],
    { start: [1], supersede: [{ id: 2, by: 3 }] },
  ],
  ['nothing calls a teardown back', [deployment(1, 'teardown', 'running'), deployment(2, 'rollback')], {}],
  [
    'a second teardown replaces the first',
    [deployment(1, 'teardown'), deployment(2, 'teardown')],
    { start: [2], supersede: [{ id: 1, by: 2 }] },
  ],
  [
    'one that was cancelled while it waited ends at once, replaces nothing and calls nothing back',
    [deployment(1, 'run', 'running'), deployment(2, 'run'), deployment(3, 'rollback', 'queued', { interrupted: true })],
    { cancel: [3] },
  ],
  ['so it does when nothing runs', [deployment(3, 'run', 'queued', { interrupted: true })], { cancel: [3] }],
])('%s', (_, open, expected) => {
  expect(admitDeployments(open)).toEqual(decision(expected));
});

test.each<[string, DeploymentCause[], number | null]>([
  ['nothing is under way', [], 7],
  ['a release is', ['scale', 'run'], 2],
  ['what is live goes', ['run', 'teardown'], null],
  ['a release comes after a teardown', ['teardown', 'promote'], 2],
])('what will be live when %s', (_, open, expected) => {
  const rows = open.map((cause, index) => ({ cause, releaseId: index + 1 }));
  expect(comingRelease(rows, 7)).toBe(expected);
});

test('whatever is open: one at a time, and nothing is given up for less', () => {
  const anyOpen = fc
    .uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 100 }),
        target: fc.integer({ min: 1, max: 3 }),
        cause: fc.constantFrom(...causes),
        priority: fc.integer({ min: 0, max: 3 }),
        interrupted: fc.boolean(),
      }),
      { selector: (each) => each.id, maxLength: 20 },
    )
    .chain((all) =>
      fc
        .nat(3)
        .map((running) =>
          all.map((each, index): OpenDeployment => ({ ...each, status: index < running ? 'running' : 'queued' })),
        ),
    );
  fc.assert(
    fc.property(anyOpen, (open) => {
      const { start, supersede, cancel, abort } = admitDeployments(open);
      const unwanted = open.filter((each) => each.status === 'queued' && each.interrupted).map(({ id }) => id);
      expect(cancel.toSorted()).toEqual(unwanted.toSorted());
      const byId = new Map(open.map((each) => [each.id, each]));
      const of = (id: number) => byId.get(id) ?? expect.fail(`${id} is not open`);
      const given = supersede.map(({ id }) => id);
      for (const target of [1, 2, 3]) {
        const here = open.filter((each) => each.target === target && !unwanted.includes(each.id));
        const begins = start.filter((id) => of(id).target === target);
        const runs = here.some((each) => each.status === 'running');
        expect(begins.length).toBeLessThanOrEqual(runs ? 0 : 1);
        // Not stuck: whoever waits for a free target gets it.
        if (!runs && here.length > 0) expect(begins).toHaveLength(1);
      }
      for (const { id, by } of supersede) {
        expect(of(id).status).toBe('queued');
        expect(given).not.toContain(by);
        if (of(id).cause === 'teardown') expect(of(by).cause).toBe('teardown');
        expect(start).not.toContain(id);
        expect(of(by)).toMatchObject({ target: of(id).target, status: 'queued', interrupted: false });
        expect(by).toBeGreaterThan(id);
        expect(of(by).priority).toBeGreaterThanOrEqual(of(id).priority);
      }
      for (const { id, by } of abort) {
        expect(of(id)).toMatchObject({ status: 'running', interrupted: false, target: of(by).target });
        expect(of(by).priority).toBeGreaterThan(of(id).priority);
      }
    }),
  );
});
