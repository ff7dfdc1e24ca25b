/** How long to wait before the next start, in ms: not at all after a life of `steadyMs`, then doubling from `firstMs` to `mostMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
  readonly steadyMs: number;
}

export const serviceBackoff: Backoff = { firstMs: 200, mostMs: 30_000, steadyMs: 30_000 };

/** The rest waits for these; PostgreSQL refuses to start only until the killed one's backends have noticed. */
export const systemBackoff: Backoff = { firstMs: 100, mostMs: 2_000, steadyMs: 5_000 };

/** `quickDeaths`: how many lives in a row, the last one included, were shorter than `steadyMs`. */
export function backoffDelay(backoff: Backoff, quickDeaths: number): number {
  if (quickDeaths === 0) return 0;
  return Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(30, quickDeaths - 1));
}

export function nextQuickDeaths(backoff: Backoff, quickDeaths: number, livedMs: number): number {
  return livedMs >= backoff.steadyMs ? 0 : quickDeaths + 1;
}
