import type { DeploymentCause } from '@towpath/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { admitDeployments, comingRelease, type OpenDeployment } from './deployments.ts';
import { causes, deployment } from './deployments-scene.ts';

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
