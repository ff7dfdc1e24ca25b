import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplicaHealth } from '@towpath/contract/router';
import type { TargetRoute } from '../domain/rollout/route.ts';
import type { Log } from '../engine/log.ts';
import type { Db } from '../store/connect.ts';
import { routedTargets, setHealth } from '../store/targets.ts';
import type { TrafficRouter } from '../traffic/router.ts';

export interface HealthWatchOptions {
  readonly db: Db;
  readonly router: TrafficRouter;
  readonly log: Log;
  /** The database or the router is away: nothing to tell, it is looked again. */
  readonly isAway: (error: unknown) => boolean;
}

/** How long the router may keep one question. */
const waitMs = 30_000;
/** Between two looks: replicas that start change the router's answer many times a second. */
const restMs = 500;

/** Records when the health of what is live changes, as the router sees it, so that whoever follows the events is told. */
export class HealthWatch {
  readonly #options: HealthWatchOptions;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** Goes on for the life of the process. */
  start(): void {
    void this.#watch();
  }

  async #watch(): Promise<never> {
    const { router, log, isAway } = this.#options;
    for (let after: number | undefined; ; await sleep(restMs)) {
      try {
        const { revision, replicas } = await router.health(after === undefined ? {} : { after, waitMs });
        after = revision;
        await this.#tell(replicas);
      } catch (error) {
        after = undefined;
        if (!isAway(error)) log('error', 'the health of what is live cannot be followed', error);
      }
    }
  }

  async #tell(replicas: readonly ReplicaHealth[]): Promise<void> {
    const { db } = this.#options;
    for (const { id, route, health } of await routedTargets(db)) {
      const now = summary(route, replicas);
      if (now !== health) await setHealth(db, id, now);
    }
  }
}

/** `2/3`: so many of those in the routes are healthy. Null when none is in them. */
export function summary(route: TargetRoute | null, known: readonly ReplicaHealth[]): string | null {
  const ids = new Set(route?.backends.flatMap((backend) => backend.replicas.map((replica) => replica.id)) ?? []);
  if (ids.size === 0) return null;
  const healthy = known.filter((each) => ids.has(each.id) && each.health === 'healthy');
  return `${healthy.length}/${ids.size}`;
}
