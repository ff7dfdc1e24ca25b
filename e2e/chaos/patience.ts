import { setTimeout as pause } from 'node:timers/promises';
import { type ErrorCode, TowpathError } from '@towpath/contract';

/** Generous: the machine may be busy with other things, and parts are being killed all the time. */
const longestMs = 180_000;
const retryMs = 100;

const awayCodes: ReadonlySet<ErrorCode> = new Set([
  'router_away',
  'server_away',
  'database_away',
  'supervisor_away',
  // The client asked again by itself, and the server that did it died before it could answer: like a lost connection.
  'answer_unknown',
]);

/** Whether an error only says that a part is away for the moment, or was. */
export function isAway(error: unknown): boolean {
  return error instanceof TowpathError && (awayCodes.has(error.code) || [502, 503, 504].includes(error.status));
}

/** The first answer that is not null. Parts that are away are waited for; all else that is thrown goes up. */
export async function until<T>(what: string, look: () => Promise<T | null>, withinMs = longestMs): Promise<T> {
  let last: unknown = null;
  for (const giveUpAt = performance.now() + withinMs; performance.now() < giveUpAt; await pause(retryMs)) {
    try {
      const found = await look();
      if (found !== null) return found;
      last = null;
    } catch (error) {
      if (!isAway(error)) throw error;
      last = error;
    }
  }
  const why = last === null ? '' : `: ${last instanceof Error ? last.message : String(last)}`;
  throw new Error(`${what}: not within ${withinMs / 1000} s${why}`);
}

/** Sends what must be done once: when the answer is lost, `done` says whether it was done all the same. */
export async function surely<T>(what: string, send: () => Promise<T>, done: () => Promise<T | null>): Promise<T> {
  let lost = false;
  return until(what, async () => {
    if (lost) {
      const found = await done();
      if (found !== null) return found;
    }
    const again = lost;
    lost = true;
    try {
      return await send();
    } catch (error) {
      if (!again || isAway(error)) throw error;
      // The first one may have been on its way still when it was looked for: then this one is refused because of it.
      const found = await done();
      if (found === null) throw error;
      return found;
    }
  });
}
