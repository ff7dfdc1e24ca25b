import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '../domain/access/policy.ts';
import type { Db } from './connect.ts';
import { and, eq, gt, lt, sql } from './drizzle.ts';
import { sessions, tokens } from './schema.ts';

/** As for tokens: they are long random texts. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Who acts, and the id of the token that it goes back to. */
export type Holder = Actor & { readonly tokenId: number };

const holder = { name: tokens.name, role: tokens.role, tokenId: tokens.id };

/** A new session or code of the token; the text is kept nowhere. Those whose time is over are forgotten. */
export async function openSession(
  db: Db,
  kind: 'session' | 'code',
  tokenId: number,
  lifeMs: number,
): Promise<{ secret: string; expiresAt: Date }> {
  await db.delete(sessions).where(lt(sessions.expiresAt, sql`now()`));
  const secret = randomBytes(32).toString('base64url');
  const [row] = await db
    .insert(sessions)
    .values({ hash: hashOf(secret), kind, tokenId, expiresAt: sql`now() + ${lifeMs} * interval '1 millisecond'` })
    .returning({ expiresAt: sessions.expiresAt });
  if (row === undefined) throw new Error('the session was not written');
  return { secret, expiresAt: row.expiresAt };
}

/** Who the session belongs to; null when there is none of that secret, or its time is over. */
export async function sessionHolder(db: Db, secret: string): Promise<Holder | null> {
  const [row] = await db
    .select(holder)
    .from(sessions)
    .innerJoin(tokens, eq(tokens.id, sessions.tokenId))
    .where(and(eq(sessions.hash, hashOf(secret)), eq(sessions.kind, 'session'), gt(sessions.expiresAt, sql`now()`)));
  return row ?? null;
}

/** Who made the code, which is good no more; null when it never was, or its time is over. */
export async function takeCode(db: Db, secret: string): Promise<Holder | null> {
  const [row] = await db
    .delete(sessions)
    .where(and(eq(sessions.hash, hashOf(secret)), eq(sessions.kind, 'code'), gt(sessions.expiresAt, sql`now()`)))
    .returning({ tokenId: sessions.tokenId });
  if (row === undefined) return null;
  const [found] = await db.select(holder).from(tokens).where(eq(tokens.id, row.tokenId));
  return found ?? null;
}

/** False: there was none. */
export async function endSession(db: Db, secret: string): Promise<boolean> {
  const rows = await db
    .delete(sessions)
    .where(and(eq(sessions.hash, hashOf(secret)), eq(sessions.kind, 'session')))
    .returning({ tokenId: sessions.tokenId });
  return rows.length > 0;
}
