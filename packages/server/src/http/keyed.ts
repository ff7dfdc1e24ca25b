import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TowpathError } from '@towpath/contract';
import { type Db, watched } from '../store/connect.ts';
import { KeyClaim, type KeyedRequest, KeyTaken, keepAnswer, keyed } from '../store/request-keys.ts';

/** What a request with a key asks for, all of it; the same for the same. */
export const digestOf = (...parts: readonly unknown[]): Buffer =>
  createHash('sha256').update(JSON.stringify(parts)).digest();

/** The key of the header `Idempotency-Key`; null without one. Throws `bad_request`. */
export function keyOf(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new TowpathError('bad_request', 'Idempotency-Key: must be 1 to 255 visible characters of ASCII');
}

/** How long the answer of the same request, which another one is about to give, is waited for. */
const patienceMs = 2_000;
const lookMs = 50;

/**
 * Does the work once for its key: the same request again gets the first one's answer. Throws `key_reused` for another request, and
 * `answer_unknown` when the work was done and nobody knows how it was answered.
 */
export async function once<T>(
  db: Db,
  request: KeyedRequest,
  work: () => Promise<T>,
): Promise<{ readonly answer: unknown; readonly replayed: boolean }> {
  const before = await earlier(db, request);
  if (before !== null) return before;
  try {
    const answer = await watched(new KeyClaim(request), work);
    await keepAnswer(db, request, answer);
    return { answer, replayed: false };
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    const other = await earlier(db, request);
    if (other === null) throw error;
    return other;
  }
}

async function earlier(db: Db, request: KeyedRequest): Promise<{ answer: unknown; replayed: true } | null> {
  for (const giveUpAt = performance.now() + patienceMs; ; await sleep(lookMs)) {
    const found = await keyed(db, request);
    if (found === null) return null;
    if (!found.same) {
      throw new TowpathError('key_reused', `the idempotency key ${request.key} was given with another request`);
    }
    if (found.answer !== null) return { answer: found.answer, replayed: true };
    if (performance.now() > giveUpAt) {
      throw new TowpathError('answer_unknown', 'it was done, but the server that did it ended before it could answer');
    }
  }
}
