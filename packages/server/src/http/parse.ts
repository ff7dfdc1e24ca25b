import { mistakesOf, type RouteSpec, TowpathError } from '@towpath/contract';

/** What a request brings, before it is known to be valid. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The request as the route's schemas take it. Throws `bad_request`, naming the field: `body.settings.replicas: …`. */
export function parseInput(spec: RouteSpec, raw: RawInput): RawInput {
  return {
    params: parsePart(spec.params, raw.params, 'path'),
    query: parsePart(spec.query, raw.query, 'query'),
    body: parsePart(spec.body, raw.body ?? {}, 'body'),
  };
}

function parsePart(schema: RouteSpec['body'], value: unknown, where: string): unknown {
  if (schema === undefined) return {};
  const unkept = findUnkept(value, [where]);
  if (unkept !== null) throw refusal(unkept, 'holds a character that is no text: NUL, or half of a surrogate pair');
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = mistakesOf(parsed.error, schema);
  throw refusal([where, ...(first?.path ?? [])], first?.message ?? 'not valid');
}

const refusal = (path: readonly PropertyKey[], message: string): TowpathError =>
  new TowpathError('bad_request', `${path.map(printable).join('.')}: ${message}`);

/** Names of fields come from outside, too. */
const printable = (key: PropertyKey): string => JSON.stringify(String(key).toWellFormed()).slice(1, -1);

/** Where there is text that PostgreSQL cannot keep, so that no field has to think of it; null when there is none. */
function findUnkept(value: unknown, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (typeof value === 'string') return isKept(value) ? null : path;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    const found = isKept(key) ? findUnkept(part, [...path, key]) : [...path, key];
    if (found !== null) return found;
  }
  return null;
}

const isKept = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
