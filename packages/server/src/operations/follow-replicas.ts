import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '@towpath/contract';
import type { ObservedReplica, Platform } from '../platforms/platform.ts';
import type { Mask } from '../secrets/mask.ts';

/** How soon a replica that is new is seen. */
const lookMs = 1_000;
/** A line that is longer is given out in parts. */
const maxLine = 65_536;

export interface FollowedReplicas {
  readonly platform: Pick<Platform, 'logs'>;
  /** Those that there are now, of every release. */
  readonly observe: () => Promise<readonly ObservedReplica[]>;
  /** Covers the secrets of the releases that there are now. */
  readonly mask: () => Promise<Mask>;
  /** Of what a replica had printed before: so many bytes at most. */
  readonly tail: number;
  readonly signal: AbortSignal;
}

interface Piece {
  readonly replica: string;
  readonly bytes: Buffer;
}

/**
 * What the replicas of a target print, as whole lines, under a header where the replica changes; those of later releases too. Ends with
 * the signal, quietly. Each replica waits until its lines were taken.
 */
export async function* followReplicas(wish: FollowedReplicas): AsyncIterable<Buffer> {
  const stop = new AbortController();
  const signal = AbortSignal.any([wish.signal, stop.signal]);
  const queue = new Queue();
  signal.addEventListener('abort', () => queue.close());
  const watching = watch({ ...wish, signal }, queue).catch((error: unknown) => queue.close(error));
  try {
    let shown = '';
    for await (const { replica, bytes } of queue) {
      if (replica !== shown) yield Buffer.from(`==> ${replica} <==\n`);
      shown = replica;
      yield bytes;
    }
  } catch (error) {
    if (!wish.signal.aborted) throw error;
  } finally {
    stop.abort();
    await watching;
  }
}

/** Begins to follow every replica as soon as it is seen. */
async function watch(wish: FollowedReplicas, queue: Queue): Promise<void> {
  const known = new Set<string>();
  const { signal } = wish;
  for (let first = true; !signal.aborted; first = false) {
    const observed = await patient(wish.observe, [], signal);
    for (const { id, phase } of observed) {
      if (known.has(id)) continue;
      known.add(id);
      // What ended before anybody looked is of yesterday.
      if (first && phase === 'stopped') continue;
      followOne(wish, id, first ? wish.tail : Number.POSITIVE_INFINITY, queue).catch((error: unknown) => {
        if (!signal.aborted) queue.close(error);
      });
    }
    for (const id of known) if (observed.length > 0 && !observed.some((each) => each.id === id)) known.delete(id);
    await sleep(lookMs, undefined, { signal }).catch(() => {});
  }
}

/** One replica over all its restarts, until it is stopped. */
async function followOne(wish: FollowedReplicas, replica: string, tail: number, queue: Queue): Promise<void> {
  const { platform, signal } = wish;
  const masker = (await wish.mask()).stream();
  let offset = 0;
  let kept = Buffer.alloc(0);
  // From its beginning: reading on from the middle of a secret would show the rest of it.
  for await (const chunk of platform.logs(replica, 0)) {
    offset += chunk.length;
    const more = Buffer.concat([kept, masker.push(chunk)]);
    kept =
      tail === Number.POSITIVE_INFINITY ? more.subarray(-maxLine * 16) : more.subarray(Math.max(0, more.length - tail));
  }
  const lines = new Lines();
  const give = async (bytes: Buffer): Promise<void> => {
    if (bytes.length > 0) await queue.push({ replica, bytes });
  };
  await give(lines.push(kept));
  for (let more = true; more; ) {
    more = await patient(
      async () => {
        for await (const chunk of platform.logs(replica, offset, { follow: true, signal })) {
          offset += chunk.length;
          await give(lines.push(masker.push(chunk)));
        }
        return false;
      },
      true,
      signal,
    );
    if (more) await sleep(lookMs, undefined, { signal });
  }
  await give(Buffer.concat([lines.push(masker.flush()), lines.rest()]));
}

/** The other answer while the part that keeps the replicas is away. */
async function patient<T>(work: () => Promise<T>, away: T, signal: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || isCode(error, 'supervisor_away')) return away;
    throw error;
  }
}

/** Pieces cut at the ends of lines, so that the lines of two replicas never mix. */
class Lines {
  #held = Buffer.alloc(0);

  /** The lines that are whole now. */
  push(piece: Uint8Array): Buffer {
    const bytes = Buffer.concat([this.#held, piece]);
    const end = bytes.length > maxLine ? bytes.length : bytes.lastIndexOf(10) + 1;
    this.#held = bytes.subarray(end);
    return bytes.subarray(0, end);
  }

  /** What has no end of line. */
  rest(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest.length === 0 ? rest : Buffer.concat([rest, Buffer.from('\n')]);
  }
}

/** Hands pieces from many to one; who pushes waits until the piece is taken. */
class Queue implements AsyncIterable<Piece> {
  readonly #waiting: { piece: Piece; taken: () => void }[] = [];
  #closed: { readonly error: unknown } | null = null;
  #wake: () => void = () => {};

  push(piece: Piece): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#closed !== null) return Promise.resolve();
    this.#waiting.push({ piece, taken: resolve });
    this.#wake();
    return promise;
  }

  /** What waits is given up. The reader ends, or gets the error. */
  close(error?: unknown): void {
    this.#closed ??= { error };
    for (const { taken } of this.#waiting.splice(0)) taken();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next.piece;
        next.taken();
      } else if (this.#closed !== null) {
        if (this.#closed.error !== undefined) throw this.#closed.error;
        return;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      }
    }
  }
}
