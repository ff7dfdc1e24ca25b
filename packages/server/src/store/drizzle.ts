import { createRequire } from 'node:module';

/**
 * Drizzle by `require`: as ES modules its four hundred files cost Node 0.7 s of processor and 230 MB at every start of a server, since
 * each one has the package's large manifest read again. As CommonJS they cost a tenth. The types are the same.
 */
const require = createRequire(import.meta.url);

export type { AnyColumn, SQL } from 'drizzle-orm';
export const { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, max, ne, notInArray, or, sql } =
  require('drizzle-orm') as typeof import('drizzle-orm');
export const { drizzle } = require('drizzle-orm/node-postgres') as typeof import('drizzle-orm/node-postgres');
export const { migrate } =
  require('drizzle-orm/node-postgres/migrator') as typeof import('drizzle-orm/node-postgres/migrator');
export const {
  bigint,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} = require('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core');
