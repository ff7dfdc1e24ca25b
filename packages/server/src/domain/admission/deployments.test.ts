import type { DeploymentCause, Status } from '@towpath/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitDeployments, comingRelease, type DeploymentsDecision, type OpenDeployment } from './deployments.ts';

/** As requests give them. */
const priorities: Record<DeploymentCause, number> = {
  scale: 0,
  run: 0,
  config: 0,
  promote: 10,
  rollback: 100,
  teardown: 100,
};

const deployment = (
  id: number,
  cause: DeploymentCause,
  status: Status = 'queued',
  more: Partial<OpenDeployment> = {},
): OpenDeployment => ({ id, cause, status, target: 1, priority: priorities[cause], interrupted: false, ...more });

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

const causes: DeploymentCause[] = ['run', 'config', 'rollback', 'promote', 'scale', 'teardown'];

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

/** One target over time, as the rollouts change it. Artifacts and config are known by the number of the request that made them. */
class World {
  open: OpenDeployment[] = [];
  /** What serves: the id of the deployment that brought the artifact, and the last change of config in it. */
  live: { artifact: number; config: number } | null = { artifact: 0, config: 0 };
  /** Artifacts in the order in which they got live, and teardowns. */
  history: number[] = [0];
  /** The newest change of config, as the target keeps it. */
  config = 0;
  readonly #brings = new Map<number, { artifact: number; config: number }>();
  #ids = 0;

  request(cause: DeploymentCause): void {
    this.#ids += 1;
    if (cause === 'config') this.config = this.#ids;
    const config = cause === 'rollback' ? (this.live?.config ?? 0) : this.config;
    // As the operations do it: what is only a change is made to what is coming, and to nothing when nothing is.
    const rows = this.open.map((each) => ({ cause: each.cause, releaseId: each.id }));
    const nothing = comingRelease(rows, this.live?.artifact ?? null) === null;
    if (nothing && (cause === 'config' || cause === 'scale' || cause === 'teardown')) return;
    this.#brings.set(this.#ids, { artifact: this.#ids, config });
    this.open.push(deployment(this.#ids, cause));
    this.admit();
  }

  admit(): void {
    const { start, supersede, cancel, abort } = admitDeployments(this.open);
    const gone = new Set([...supersede.map(({ id }) => id), ...cancel]);
    const called = new Set(abort.map(({ id }) => id));
    this.open = this.open
      .filter((each) => !gone.has(each.id))
      .map((each) => ({
        ...each,
        status: start.includes(each.id) ? 'running' : each.status,
        interrupted: each.interrupted || called.has(each.id),
      }));
  }

  /** What runs ends; it can't go well once it was called back. */
  end(well: boolean): void {
    const running = this.open.find((each) => each.status === 'running');
    if (running === undefined) return;
    this.open = this.open.filter((each) => each !== running);
    if (well && !running.interrupted) this.#promote(running);
    this.admit();
  }

  #promote({ id, cause }: OpenDeployment): void {
    const brought = this.#brings.get(id) ?? expect.fail(`${id} was not asked for`);
    if (cause === 'scale') return;
    const artifact = cause === 'config' && this.live !== null ? this.live.artifact : brought.artifact;
    this.live = cause === 'teardown' ? null : { artifact, config: brought.config };
    this.history.push(artifact);
  }
}

const happenings = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...causes).map((cause) => ({ request: cause })) },
    { weight: 2, arbitrary: fc.boolean().map((well) => ({ well })) },
  ),
  { maxLength: 40 },
);

function play(world: World, events: readonly ({ request: DeploymentCause } | { well: boolean })[]): void {
  for (const event of events) {
    if ('request' in event) world.request(event.request);
    else world.end(event.well);
  }
}

test('whatever happens, a newer deployment never resurrects an older one', () => {
  fc.assert(
    fc.property(happenings, (events) => {
      const world = new World();
      play(world, events);
      for (let left = world.open.length; left > 0; left -= 1) world.end(true);
      expect(world.open).toEqual([]);
      expect(world.history).toEqual(world.history.toSorted((a, b) => a - b));
    }),
    { numRuns: 500 },
  );
});

test('when all goes well, the newest artifact is live in the end, and no change of config is lost', () => {
  const well = happenings.map((events) => events.map((event) => ('well' in event ? { well: true } : event)));
  fc.assert(
    fc.property(well, (events) => {
      const world = new World();
      // A rollback brings the config of its time on purpose.
      play(
        world,
        events.filter((event) => !('request' in event && event.request === 'rollback')),
      );
      const artifacts = events.flatMap((event) =>
        'request' in event && event.request !== 'rollback' ? [event.request] : [],
      );
      const newest = artifacts.findLastIndex((cause) => cause === 'run' || cause === 'promote') + 1;
      const gone = artifacts.lastIndexOf('teardown') + 1 > newest;
      while (world.open.length > 0) world.end(true);
      expect(world.live).toEqual(gone ? null : { artifact: newest, config: world.config });
    }),
    { numRuns: 500 },
  );
});
