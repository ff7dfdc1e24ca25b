import pg from 'pg';

/** Statements that are built with ever other lists of values are not worth a name, nor a session's memory. */
const mostNames = 400;
const longest = 4_000;

/** By text: the name that a statement has in every session. */
const names = new Map<string, string>();

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= mostNames || text.length > longest) return known;
  const name = `towpath_${names.size}`;
  names.set(text, name);
  return name;
}

/** A query as pg and drizzle hand it over: without values it may be several statements, which cannot be prepared. */
function named(query: unknown, values: unknown): unknown {
  if (!Array.isArray(values) || values.length === 0) return query;
  if (typeof query === 'string') {
    const name = nameOf(query);
    return name === undefined ? query : { text: query, name };
  }
  if (typeof query !== 'object' || query === null || !('text' in query) || typeof query.text !== 'string') return query;
  if ('name' in query && query.name !== undefined) return query;
  const name = nameOf(query.text);
  return name === undefined ? query : { ...query, name };
}

/**
 * A connection that prepares each statement once: PostgreSQL reads and plans a text with parameters the first time only. A stage is some
 * twenty small statements, and planning them cost more than running them.
 */
export class PreparingClient extends pg.Client {
  override query(...args: never): never {
    const [query, values, ...rest] = args as readonly unknown[];
    return (super.query as (...all: unknown[]) => never).call(this, named(query, values), values, ...rest);
  }
}
