import { TowpathError } from '@towpath/contract';
import { Client } from 'pg';
import { z } from 'zod';
import { errorCode } from '../file.ts';

const oldest = 150_000;
const connectTimeoutMs = 5_000;

/** Whose fault it is that a database does not answer: `starting` gets better by itself. */
export type Answer =
  | { readonly kind: 'ready'; readonly version: string; readonly number: number }
  | { readonly kind: 'starting'; readonly said: string }
  | { readonly kind: 'refused'; readonly said: string };

/** Codes of PostgreSQL for "starting up", "shutting down", "recovering", and of the system for "nobody listens yet". */
const passing: ReadonlySet<string> = new Set(['57P03', '57P01', 'ECONNREFUSED', 'ENOENT', 'ECONNRESET']);

const Row = z.object({ version: z.string(), number: z.coerce.number() });

/** Asks a database for its version. What it gives back never carries the address, which has a password in it. */
export async function askDatabase(url: string): Promise<Answer> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs });
  client.on('error', () => undefined); // A connection cut after the answer is nobody's business.
  try {
    await client.connect();
    const { rows } = await client.query(
      "select current_setting('server_version') as version, current_setting('server_version_num') as number",
    );
    const { version, number } = Row.parse(rows[0]);
    return { kind: 'ready', version, number };
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)) || 'no answer';
    return { kind: passing.has(errorCode(error) ?? '') ? 'starting' : 'refused', said };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Checks that somebody else's database can be used. Errors: `bad_request` for an address that is none, `database_unusable`. */
export async function checkDatabase(url: string): Promise<string> {
  const shown = describeDatabase(url);
  const answer = await askDatabase(url);
  if (answer.kind !== 'ready') {
    throw new TowpathError('database_unusable', `the database at ${shown} does not let us in: ${answer.said}`, {
      help: 'Mend the address (DATABASE_URL or --database-url), or start that database.',
    });
  }
  if (answer.number < oldest) {
    throw new TowpathError('database_unusable', `the database at ${shown} is PostgreSQL ${answer.version}`, {
      help: 'PostgreSQL 15 or newer is needed. Without DATABASE_URL Towpath brings its own.',
    });
  }
  return answer.version;
}

/** An address without user and password: `db.example.com:5432/towpath`. Errors: `bad_request`. */
export function describeDatabase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new TowpathError('bad_request', 'the address of the database is none: DATABASE_URL or --database-url', {
      help: 'It looks like postgresql://user:password@host:5432/database',
    });
  }
  return `${parsed.searchParams.get('host') ?? (parsed.host || 'localhost')}${parsed.pathname}`;
}
