import { setTimeout as sleep } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';

const awayCodes = new Set(['supervisor_away', 'router_away']);
/** The keeper brings a part back within seconds; after this time somebody has to look. */
const patienceMs = 120_000;
const retryMs = 50;

/**
 * Waits for a part that is being brought back: calls again while it answers that supervisor or router are away, for two minutes at
 * the longest, then throws what it threw. The call must be idempotent, as all of a driver's are.
 */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const away = error instanceof TowpathError && awayCodes.has(error.code);
      if (!away || performance.now() > giveUpAt) throw error;
      await sleep(retryMs);
    }
  }
}
