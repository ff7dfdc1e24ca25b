import type { Act } from '../act.ts';
import { interruption } from '../interruption.ts';
import { type Outcome, proceed } from '../outcome.ts';

/** Lets the release serve for a time before the old one goes. An interruption ends the wait at once. */
export async function bake(act: Act, index: number, ms: number): Promise<Outcome> {
  await act.note(index, 'bake', { ms });
  const waited = await act.house.changes
    .until('deployment', act.deployment.id, () => interruption(act), {
      signal: AbortSignal.timeout(ms),
    })
    .catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'TimeoutError') return null;
      throw error;
    });
  return waited ?? proceed;
}
