import { createHash } from 'node:crypto';
import { TowpathError } from '@towpath/contract';
import type { Db } from './connect.ts';
import { eq, sql } from './drizzle.ts';
import { sessions, tokens } from './schema.ts';
import type { Holder } from './sessions.ts';

/** Tokens are long random texts, so a plain hash is enough; and looking up a hash tells nothing through the time it takes. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const bootstrapName = 'owner';
const shortest = 32;

/** Makes this the owner's token, in place of an earlier one. Throws secret_refused for one that could be guessed. */
export async function ensureBootstrap(db: Db, token: string): Promise<void> {
  if (token.length < shortest) {
    throw new TowpathError('secret_refused', `the bootstrap token has fewer than ${shortest} characters`);
  }
  const hash = hashOf(token);
  const [changed] = await db
    .insert(tokens)
    .values({ name: bootstrapName, hash, role: 'owner' })
    .onConflictDoUpdate({ target: tokens.name, set: { hash }, setWhere: sql`${tokens.hash} <> excluded.hash` })
    .returning({ id: tokens.id });
  // Who logged in with the earlier one is out, too.
  if (changed !== undefined) await db.delete(sessions).where(eq(sessions.tokenId, changed.id));
}

/** Who the token belongs to; null when it is nobody's. */
export async function actorOf(db: Db, token: string): Promise<Holder | null> {
  const [row] = await db
    .select({ name: tokens.name, role: tokens.role, tokenId: tokens.id })
    .from(tokens)
    .where(eq(tokens.hash, hashOf(token)));
  return row ?? null;
}
