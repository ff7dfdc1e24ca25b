import type { HealthCheck, ReplicaHealth, RouteTable, TableReplica } from '@towpath/contract/router';
import { expect } from 'vitest';
import type { TrafficRouter } from './router.ts';

/** What the suite needs of the router behind a driver. */
export interface TrafficHarness {
  /** Another driver instance on the same router, as a new server makes one. */
  attach(): TrafficRouter;
  /** Something to route to. */
  replica(id: string): Promise<TestReplica>;
  /** A user's request, answered. `replica`: who answered; null when the router did by itself. */
  request(host: string): Promise<{ status: number; replica: string | null }>;
  /** A user's request that has reached its replica and stays open until finish(). `answered`: its status, null when it was cut. */
  open(host: string): Promise<{ readonly answered: Promise<number | null>; finish(): void }>;
  /** Ends the router as a crash would, and brings it back. `saved`: resolves when what it counted until now would survive that. */
  readonly router: { saved(): Promise<void>; crash(): Promise<void>; restore(): Promise<void> };
  close(): Promise<void>;
}

export interface TestReplica {
  readonly entry: TableReplica;
  /** What it answers from now on; null: it no longer listens. */
  answers(status: number | null): Promise<void>;
}

export const host = 'api.localhost';
/** Where a release alone answers. */
export const testHost = (release: string): string => `api-${release}.localhost`;
const quick: HealthCheck = { path: '/', intervalMs: 100, timeoutMs: 5_000, failures: 1 };

/** How long the suite waits for what must come. */
export const deadlineMs = 30_000;
export const timed = { timeout: 2 * deadlineMs };

/** One router under test with two releases behind it, and the moves that the suite's tests share. */
export class Scene {
  readonly harness: TrafficHarness;
  readonly traffic: TrafficRouter;
  readonly old: readonly [TestReplica, TestReplica];
  readonly new: TestReplica;

  private constructor(harness: TrafficHarness, old: readonly [TestReplica, TestReplica], fresh: TestReplica) {
    this.harness = harness;
    this.traffic = harness.attach();
    this.old = old;
    this.new = fresh;
  }

  static async on(harness: TrafficHarness): Promise<Scene> {
    return new Scene(
      harness,
      [await harness.replica('old 0'), await harness.replica('old 1')],
      await harness.replica('new 0'),
    );
  }

  /** One route; a release that is left out is not in the table. */
  table(weights: { readonly old?: number; readonly new?: number }, drainMs = 30_000): RouteTable {
    const replicas = { old: this.old, new: [this.new] };
    const backends = (['old', 'new'] as const).flatMap((release) => {
      const weight = weights[release];
      if (weight === undefined) return [];
      const entries = replicas[release].map(({ entry }) => entry);
      return [{ release, weight, replicas: entries, hosts: [testHost(release)], health: quick }];
    });
    return { routes: [{ name: 'shop/api/production', hosts: [host], backends, drainMs }] };
  }

  /** Resolves with the health of all replicas once it is as expected. */
  async until(what: string, expected: (replicas: readonly ReplicaHealth[]) => boolean): Promise<ReplicaHealth[]> {
    let seen: readonly ReplicaHealth[] = [];
    const look = async (): Promise<string> => {
      seen = (await this.traffic.health()).replicas;
      return expected(seen) ? what : JSON.stringify(seen);
    };
    await expect.poll(look, { timeout: deadlineMs, interval: 20 }).toBe(what);
    return [...seen].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async healthy(): Promise<ReplicaHealth[]> {
    return await this.until('all healthy', (replicas) => replicas.every(({ health }) => health === 'healthy'));
  }

  /** Who answered so many requests of users, one after another: how often each. */
  async answers(requests: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let at = 0; at < requests; at += 1) {
      const { status, replica } = await this.harness.request(host);
      const who = replica ?? `router ${status}`;
      counts[who] = (counts[who] ?? 0) + 1;
    }
    return counts;
  }
}
