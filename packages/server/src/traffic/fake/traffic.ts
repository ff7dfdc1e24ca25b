import { setTimeout as sleep } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import type { Probe, ProbeAnswer, RouteTable } from '@towpath/contract/router';
import type { Observation, RouterAck, RouterHealth, Sequences, TrafficRouter } from '../router.ts';
import { FakeRouter } from './router.ts';

/** Routes requests in memory, with everything that can go wrong behind the router's knobs. */
export class FakeTraffic implements TrafficRouter {
  readonly router: FakeRouter;

  constructor(router = new FakeRouter()) {
    this.router = router;
  }

  async apply(table: RouteTable, generation: number): Promise<void> {
    await this.router.faults.call(async () => {
      const { ackMs } = this.router.knobs;
      if (ackMs === Number.POSITIVE_INFINITY)
        throw new TowpathError('router_away', 'the fake router does not acknowledge');
      if (ackMs > 0) await sleep(ackMs);
      this.router.apply({ generation, table });
    });
  }

  async acks(): Promise<RouterAck[]> {
    const { instance, generation } = this.router;
    return await this.router.faults.call(() => [{ instance, generation }]);
  }

  async health(options: { after?: number; waitMs?: number; signal?: AbortSignal } = {}): Promise<RouterHealth> {
    return await this.router.faults.call(async () => {
      const { after, waitMs = 0, signal } = options;
      if (after !== undefined) await this.router.changed(after, waitMs, signal);
      return this.router.health();
    });
  }

  async observe(since: Sequences = {}): Promise<Observation> {
    return await this.router.faults.call(() => this.router.observe(since));
  }

  async probe(probe: Probe): Promise<ProbeAnswer> {
    return await this.router.faults.call(() => this.router.probe(probe));
  }
}
