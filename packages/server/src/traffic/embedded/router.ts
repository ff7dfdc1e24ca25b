import type { Probe, ProbeAnswer, RouterState, RouterStats, RouteTable } from '@towpath/contract/router';

/** What this driver asks of the router; main.ts hands its client in. Errors are TowpathErrors with the protocol's codes. */
export interface RouterPort {
  state(): Promise<RouterState>;
  /** Answers when the revision is another one than `after`, or after timeoutMs. */
  waitState(after: number, options: { timeoutMs: number; signal?: AbortSignal }): Promise<RouterState>;
  apply(table: RouteTable, generation: number): Promise<RouterState>;
  probe(probe: Probe): Promise<ProbeAnswer>;
  /** With what was seen of the instance that runs, only releases that changed since. */
  stats(seen?: { instance: string; after: number }): Promise<RouterStats>;
}
