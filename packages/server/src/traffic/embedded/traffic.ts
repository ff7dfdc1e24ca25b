import type { Probe, ProbeAnswer, RouteTable } from '@towpath/contract/router';
import type { Observation, RouterAck, RouterHealth, Sequences, TrafficRouter } from '../router.ts';
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

  async observe(since: Sequences = {}): Promise<Observation> {
    const [seen] = Object.entries(since).map(([instance, after]) => ({ instance, after }));
    const { sequence, earlier, ...running } = await this.#router.stats(seen);
    return {
      resolutionMs: 1,
      delayMs: 0,
      sequences: { [running.instance]: sequence },
      instances: [{ ...running, running: true }, ...earlier.map((each) => ({ ...each, running: false }))],
    };
  }

  async probe(probe: Probe): Promise<ProbeAnswer> {
    return await this.#router.probe(probe);
  }
}
