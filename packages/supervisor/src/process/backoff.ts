/** How long to wait before the next start, in ms: doubling from `firstMs` to `mostMs`; a life of `steadyMs` starts the count anew. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly steadyMs: number;
}

export const serviceBackoff: Backoff = { firstMs: 200, mostMs: 30_000, steadyMs: 30_000 };

/** The rest waits for these; PostgreSQL refuses to start only until the killed one's backends have noticed. */
export const systemBackoff: Backoff = { firstMs: 100, mostMs: 2_000, steadyMs: 10_000 };

/** `quickDeaths`: how many lives in a row, the last one included, were shorter than `steadyMs`. */
export function backoffDelay(backoff: Backoff, quickDeaths: number): number {
  return Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(30, Math.max(0, quickDeaths - 1)));
}

export function nextQuickDeaths(backoff: Backoff, quickDeaths: number, livedMs: number): number {
  return livedMs >= backoff.steadyMs ? 1 : quickDeaths + 1;
}
