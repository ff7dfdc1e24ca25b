import type { Db, TransactionWatch } from './connect.ts';
import { and, eq, gte, lt, sql } from './drizzle.ts';
import { requestKeys } from './schema.ts';

/** A write that came with a key: whose, and a digest of all that it asks for. */
export interface KeyedRequest {
  readonly actor: string;
  readonly key: string;
  readonly request: Buffer;
}

/** A key counts for 24 hours. */
const oldest = sql`now() - interval '24 hours'`;

/** What came of the key before; null: nothing. `answer` is null when it was done and its answer is not known. */
export async function keyed(
  db: Db,
  { actor, key, request }: KeyedRequest,
): Promise<{ readonly same: boolean; readonly answer: unknown } | null> {
  const [row] = await db
    .select({ request: requestKeys.request, answer: requestKeys.answer })
    .from(requestKeys)
    .where(and(eq(requestKeys.actor, actor), eq(requestKeys.key, key), gte(requestKeys.createdAt, oldest)));
  return row === undefined ? null : { same: row.request.equals(request), answer: row.answer };
}

/**
 * Keeps the answer for whoever sends the request again. Not waited for on disk: what was done is there, and when the database dies at this
 * moment its answer is unknown, as it would be a moment earlier.
 */
export async function keepAnswer(db: Db, { actor, key, request }: KeyedRequest, answer: unknown): Promise<void> {
  await db
    .insert(requestKeys)
    .values({ actor, key, request, answer })
    .onConflictDoUpdate({
      target: [requestKeys.actor, requestKeys.key],
      set: { answer },
      setWhere: eq(requestKeys.request, request),
    })
    .returning({ hasty: sql`set_config('synchronous_commit', 'off', true)` });
}

/** Removes the keys that no longer count; answers with how many. */
export async function forgetKeys(db: Db): Promise<number> {
  return (await db.delete(requestKeys).where(lt(requestKeys.createdAt, oldest))).rowCount ?? 0;
}

/** Another request with the key was faster. */
export class KeyTaken extends Error {}

/**
 * Writes the key in the first transaction of the request, so that it is there exactly when what the request asked for is, also when the
 * server ends before it answers. Of two at once the later one waits for the other's end, and throws KeyTaken.
 */
export class KeyClaim implements TransactionWatch {
  readonly #request: KeyedRequest;
  #by: Db | null = null;

  constructor(request: KeyedRequest) {
    this.#request = request;
  }

  async begun(tx: Db): Promise<void> {
    if (this.#by !== null) return;
    this.#by = tx;
    const rows = await tx
      .insert(requestKeys)
      .values(this.#request)
      .onConflictDoUpdate({
        target: [requestKeys.actor, requestKeys.key],
        set: { request: this.#request.request, answer: null, createdAt: sql`now()` },
        setWhere: lt(requestKeys.createdAt, oldest),
      })
      .returning({ key: requestKeys.key });
    if (rows.length === 0) throw new KeyTaken();
  }

  undone(tx: Db): void {
    if (this.#by === tx) this.#by = null;
  }
}
