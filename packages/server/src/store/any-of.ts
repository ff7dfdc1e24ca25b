import { type AnyColumn, type SQL, sql } from './drizzle.ts';

/** Has the column one of these values? They are one parameter, however many they are: a thousand cost more than what they ask for. */
export const isAnyOf = (column: AnyColumn, values: readonly number[]): SQL =>
  sql`${column} = any(${sql.param([...values])}::int[])`;
