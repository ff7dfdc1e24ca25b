import { index, integer, jsonb, pgTable, primaryKey, text } from '../drizzle.ts';
import { at, bytea, id } from './columns.ts';

export const tokens = pgTable('tokens', {
  id: id(),
  name: text('name').notNull().unique(),
  /** SHA-256 of the token. */
  hash: bytea('hash').notNull().unique(),
  role: text('role').$type<'owner'>().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});

/** Browsers that are logged in, and codes that let one log in once; both act for a token. */
export const sessions = pgTable(
  'sessions',
  {
    /** SHA-256 of what the cookie or the code says. */
    hash: bytea('hash').primaryKey(),
    kind: text('kind').$type<'session' | 'code'>().notNull(),
    tokenId: integer('token_id')
      .notNull()
      .references(() => tokens.id, { onDelete: 'cascade' }),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [index('sessions_expires').on(t.expiresAt)],
);

/** Writes that came with a key, for a day: the same one again is answered and not done. */
export const requestKeys = pgTable(
  'request_keys',
  {
    actor: text('actor').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of the route and what it was given. */
    request: bytea('request').notNull(),
    /** Null: it was done, and how it was answered is not known (yet). */
    answer: jsonb('answer').$type<unknown>(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.actor, t.key] }), index('request_keys_created').on(t.createdAt)],
);
