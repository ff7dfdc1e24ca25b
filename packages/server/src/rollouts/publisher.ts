import { setTimeout as sleep } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { routeTable } from '../domain/rollout/route.ts';
import type { Db } from '../store/connect.ts';
import { readRoutes, routesGeneration } from '../store/targets.ts';
import type { TrafficRouter } from '../traffic/router.ts';

/** A router that is restarted by its keeper is back long before this. */
const acknowledgeMs = 120_000;
const retryMs = 50;

/** Brings the store's route table to the routers. Any server may do it at any time: the generation orders what arrives. */
export class Publisher {
  readonly #db: Db;
  readonly #router: TrafficRouter;

  constructor(db: Db, router: TrafficRouter) {
    this.#db = db;
    this.#router = router;
  }

  /** Sends the table as it is now. A newer one that is served already is as good. */
  async publish(): Promise<number> {
    const { generation, routes } = await readRoutes(this.#db);
    try {
      await this.#router.apply(routeTable(routes), generation);
    } catch (error) {
      if (!(error instanceof TowpathError && error.code === 'stale_generation')) throw error;
    }
    return generation;
  }

  /**
   * Resolves when every router with a live lease serves this generation or a newer one. While a router is away it waits for it:
   * until then nobody may rely on the change. After two minutes throws `router_away`.
   */
  async acknowledged(generation: number): Promise<void> {
    const giveUpAt = performance.now() + acknowledgeMs;
    for (;;) {
      try {
        await this.publish();
        const acks = await this.#router.acks();
        if (acks.length > 0 && acks.every((ack) => ack.generation >= generation)) return;
      } catch (error) {
        if (!(error instanceof TowpathError && error.code === 'router_away')) throw error;
      }
      if (performance.now() > giveUpAt) {
        throw new TowpathError(
          'router_away',
          `no router acknowledged generation ${generation} within ${acknowledgeMs / 1000} s`,
        );
      }
      await sleep(retryMs);
    }
  }

  /** Sends the table again when a router lags behind the store, as one does that lost its folder. */
  async refresh(): Promise<void> {
    const generation = await routesGeneration(this.#db);
    const acks = await this.#router.acks();
    if (acks.some((ack) => ack.generation < generation)) await this.publish();
  }
}
