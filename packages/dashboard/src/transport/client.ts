import { type Client, createClient } from '@towpath/client';
import { isCode, TowpathError } from '@towpath/contract';
import { createStore } from './store.ts';

/** Does anything answer? `since` in ms since 1970; null: it does. */
export const away = createStore<number | null>(null);
/** Nobody is signed in, or no longer. */
export const signedOut = createStore(false);

/** No server, or none that has its database: it comes back by itself. */
export const isAway = (error: unknown): boolean =>
  error instanceof TowpathError && [502, 503, 504].includes(error.status);

// Pages wait for what is away themselves, and say so meanwhile.
const direct = createClient({ url: location.origin, patienceMs: 0 });

/** The API. What every page has to know of an answer, whether anybody is there and signed in, is noted on the way. */
export const client: Client = {
  call: (name, input) => noted(direct.call(name, input)),
  stream: (name, input) => noted(direct.stream(name, input)),
  follow: (name, input) => direct.follow(name, input),
};

async function noted<T>(answer: Promise<T>): Promise<T> {
  try {
    const value = await answer;
    away.set(null);
    return value;
  } catch (error) {
    if (isAway(error)) away.set(away.get() ?? Date.now());
    else if (error instanceof TowpathError) away.set(null);
    if (isCode(error, 'unauthorised')) signedOut.set(true);
    throw error;
  }
}
