import type { Status } from '@towpath/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitRuns, answersOlder, mayDeploy, type OpenRun, type RunAhead } from './runs.ts';

const run = (id: number, status: Status, service = 1, branch = 'main'): OpenRun => ({ id, status, service, branch });

test.each<[string, OpenRun[], number, { start: number[]; supersede: { run: number; by: number }[] }]>([
  ['nothing', [], 5, { start: [], supersede: [] }],
  ['one begins', [run(1, 'queued')], 5, { start: [1], supersede: [] }],
  [
    'of three pushes to one branch the newest begins',
    [run(1, 'queued'), run(2, 'queued'), run(3, 'queued')],
    5,
    {
      start: [3],
      supersede: [
        { run: 1, by: 3 },
        { run: 2, by: 3 },
      ],
    },
  ],
  ['one that runs goes on beside a newer one', [run(1, 'running'), run(2, 'queued')], 5, { start: [2], supersede: [] }],
  ['a newer one that runs', [run(1, 'queued'), run(2, 'running')], 5, { start: [], supersede: [{ run: 1, by: 2 }] }],
  ['a newer one that waits', [run(1, 'queued'), run(2, 'waiting')], 5, { start: [], supersede: [{ run: 1, by: 2 }] }],
  [
    'other branches and services are not in the way',
    [run(1, 'queued'), run(2, 'queued', 1, 'feature/x'), run(3, 'queued', 2)],
    5,
    { start: [1, 3, 2], supersede: [] },
  ],
  [
    'the limit counts what runs, not what waits for a person',
    [run(1, 'running', 1), run(2, 'waiting', 2), run(3, 'queued', 3), run(4, 'queued', 4)],
    2,
    { start: [3], supersede: [] },
  ],
  [
    'a service with many branches leaves places to the others',
    [1, 2, 3, 4, 5].map((id) => run(id, 'queued', 1, `b${id}`)).concat(run(6, 'queued', 2), run(7, 'queued', 3)),
    4,
    { start: [1, 6, 7, 2], supersede: [] },
  ],
  [
    'what runs already counts for its service',
    [run(1, 'running', 1, 'a'), run(2, 'queued', 1, 'b'), run(3, 'queued', 2)],
    2,
    { start: [3], supersede: [] },
  ],
  ['over the limit none begins', [run(1, 'running'), run(2, 'queued', 2)], 1, { start: [], supersede: [] }],
])('%s', (_, open, limit, expected) => {
  expect(admitRuns(open, limit)).toEqual(expected);
});

const statuses: Status[] = ['queued', 'running', 'waiting'];
const openRuns = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 200 }),
      service: fc.integer({ min: 1, max: 4 }),
      branch: fc.constantFrom('main', 'a', 'b'),
      status: fc.constantFrom(...statuses),
    }),
    { selector: (each) => each.id, maxLength: 40 },
  )
  .map((runs): OpenRun[] => runs);

test('whatever is open: no run is lost, none too many run, and no place stays empty', () => {
  fc.assert(
    fc.property(openRuns, fc.integer({ min: 0, max: 12 }), (open, limit) => {
      const { start, supersede } = admitRuns(open, limit);
      const byId = new Map(open.map((each) => [each.id, each]));
      const queued = open.filter((each) => each.status === 'queued').map((each) => each.id);
      const running = open.filter((each) => each.status === 'running').length;
      const given = supersede.map(({ run: id }) => id);
      // Each queued run is in one place at most.
      expect(new Set([...start, ...given]).size).toBe(start.length + given.length);
      expect(queued).toEqual(expect.arrayContaining([...start, ...given]));
      expect(running + start.length).toBeLessThanOrEqual(Math.max(limit, running));
      const left = queued.filter((id) => !start.includes(id) && !given.includes(id));
      if (left.length > 0) expect(running + start.length).toBeGreaterThanOrEqual(limit);
      for (const { run: id, by } of supersede) {
        const [older, newer] = [byId.get(id), byId.get(by)];
        expect(newer).toMatchObject({ service: older?.service, branch: older?.branch });
        expect(by).toBeGreaterThan(id);
        expect(given).not.toContain(by);
      }
    }),
  );
});

test('whatever is open: no service gets a place that another one, with fewer, waits for', () => {
  fc.assert(
    fc.property(openRuns, fc.integer({ min: 0, max: 12 }), (open, limit) => {
      const { start, supersede } = admitRuns(open, limit);
      const given = new Set(supersede.map(({ run: id }) => id));
      const serviceOf = new Map(open.map((each) => [each.id, each.service]));
      const busy = (service: number) =>
        open.filter((each) => each.service === service && each.status === 'running').length +
        start.filter((id) => serviceOf.get(id) === service).length;
      const left = open.filter((each) => each.status === 'queued' && !start.includes(each.id) && !given.has(each.id));
      for (const id of start) {
        for (const waits of left) expect(busy(serviceOf.get(id) ?? 0)).toBeLessThanOrEqual(busy(waits.service) + 1);
      }
    }),
  );
});

test('the order in which the runs are listed does not matter', () => {
  fc.assert(
    fc.property(openRuns, fc.integer({ min: 0, max: 12 }), (open, limit) => {
      const sorted = (decision: ReturnType<typeof admitRuns>) => ({
        ...decision,
        supersede: decision.supersede.toSorted((a, b) => a.run - b.run),
      });
      expect(sorted(admitRuns(open.toReversed(), limit))).toEqual(sorted(admitRuns(open, limit)));
    }),
  );
});

test('a thousand queued runs are decided at once', () => {
  const open = Array.from({ length: 1_000 }, (_, id) => run(id, 'queued', id % 50, `b${id}`));
  expect(admitRuns(open, 200).start).toHaveLength(200);
});

const ahead = (id: number, state: 'open' | 'failed' | 'deployed' | 'deploying'): RunAhead => ({
  id,
  ended: state === 'failed' || state === 'deployed',
  deploys: state === 'deployed' || state === 'deploying',
});

test.each<[string, RunAhead[], ReturnType<typeof mayDeploy>]>([
  ['alone', [], { go: true }],
  ['a newer one that is open', [ahead(8, 'open')], { go: false, by: 8 }],
  ['a newer one that has deployed there', [ahead(8, 'deployed')], { go: false, by: 8 }],
  ['a newer one that is deploying there', [ahead(8, 'deploying')], { go: false, by: 8 }],
  ['a newer one that failed before it came so far', [ahead(8, 'failed')], { go: true }],
  [
    'the newest of those that count',
    [ahead(8, 'deployed'), ahead(9, 'open'), ahead(10, 'failed')],
    { go: false, by: 9 },
  ],
  ['older ones', [ahead(5, 'open'), ahead(6, 'deployed')], { go: true }],
])('a run that would deploy: %s', (_, others, expected) => {
  expect(mayDeploy({ id: 7 }, others)).toEqual(expected);
});

test('an approval replaces older ones of its environment and branch', () => {
  const asks = (id: number, environment = 'production', branch = 'main', service = 1) => ({
    run: id,
    service,
    branch,
    environment,
  });
  const waiting = [
    asks(1),
    asks(2),
    asks(3, 'staging'),
    asks(4, 'production', 'hotfix'),
    asks(5, 'production', 'main', 2),
    asks(7),
  ];
  expect(answersOlder(asks(6), waiting)).toEqual([1, 2]);
});
