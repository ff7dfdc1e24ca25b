import type { Probe, ProbeAnswer, RouterStats, RouteTable } from '@towpath/contract/router';
import type { RouterAck, RouterHealth, TrafficRouter } from '../router.ts';
import type { RouterPort } from './router.ts';

/** The one router of this host, Towpath's own. It keeps its table and decides by generation: nothing is remembered here. */
export class EmbeddedTraffic implements TrafficRouter {
  readonly #router: RouterPort;

  constructor(router: RouterPort) {
    this.#router = router;
  }

  async apply(table: RouteTable, generation: number): Promise<void> {
    await this.#router.apply(table, generation);
  }

  async acks(): Promise<RouterAck[]> {
    const { instance, generation } = await this.#router.state();
    return [{ instance, generation }];
  }

  async health(options: { after?: number; waitMs?: number; signal?: AbortSignal } = {}): Promise<RouterHealth> {
    const { after, waitMs = 0, signal } = options;
    const wait = { timeoutMs: waitMs, ...(signal === undefined ? {} : { signal }) };
    const state = await (after === undefined ? this.#router.state() : this.#router.waitState(after, wait));
    return { revision: state.revision, replicas: state.replicas };
  }

  async observe(): Promise<RouterStats[]> {
    return [await this.#router.stats()];
  }

  async probe(probe: Probe): Promise<ProbeAnswer> {
    return await this.#router.probe(probe);
  }
}
