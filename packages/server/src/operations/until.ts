import type { Topic } from '../store/changes.ts';
import type { House } from './house.ts';

/** Waits for a change, for the caller's time at the longest; a time-out is not an error. */
export async function untilOver(
  house: Pick<House, 'changes'>,
  topic: Topic,
  id: number,
  look: () => Promise<true | null>,
  wait: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const timeout = AbortSignal.timeout(wait.timeoutMs);
  const signal = wait.signal === undefined ? timeout : AbortSignal.any([timeout, wait.signal]);
  await house.changes.until(topic, id, look, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
