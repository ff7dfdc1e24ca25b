import { and, gte, type SQL, sql } from './drizzle.ts';
import type { deployments, jobs, runs } from './schema.ts';

/**
 * Made then or later, as a condition on ids, too: lists go by id from the newest down, and would otherwise look at everything that is
 * older to find out that it is.
 */
export const sinceThen = (table: typeof runs | typeof deployments | typeof jobs, since: Date): SQL | undefined =>
  and(
    gte(table.createdAt, since),
    sql`${table.id} >= coalesce((select min(made.id) from ${table} as made where made.created_at >= ${since}), 2147483647)`,
  );
