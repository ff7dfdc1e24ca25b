import { TowpathError } from '@towpath/contract';
import type { Layout } from './layout.ts';
import { checkDatabase, describeDatabase } from './postgres/connect.ts';
import { readSecret } from './secrets.ts';
import type { Settings } from './settings.ts';

/** The address of somebody else's database, and who gave it. */
export interface GivenDatabase {
  readonly url: string;
  /** A variable may be meant for another program; a flag is meant for us. */
  readonly by: 'flag' | 'variable';
}

/** The database of an installation; `url` is null while the embedded one still has to be put in place. */
export interface SettledDatabase {
  readonly settings: Settings['database'];
  readonly url: string | null;
}

/**
 * Decides which kind of database a new installation gets, or checks that what is given fits the one that is there. Somebody else's is tried
 * each time; nothing is written. Errors: `database_unusable`, `bad_request`.
 */
export async function settleDatabase(
  layout: Layout,
  earlier: Settings['database'] | null,
  given: GivenDatabase | null,
): Promise<SettledDatabase> {
  if (earlier?.kind === 'embedded') {
    if (given?.by !== 'flag') return { settings: earlier, url: null };
    throw new TowpathError('database_unusable', `${layout.data} keeps its data in the embedded PostgreSQL already`, {
      help: 'Leave --database-url out, or begin anew with another --data folder.',
    });
  }
  if (earlier === null && given === null) {
    return { settings: { kind: 'embedded', account: null, place: null }, url: null };
  }
  const url = given?.url ?? readSecret(layout.databaseUrl);
  await checkDatabase(url);
  return { settings: { kind: 'external' }, url };
}

/** The database as it is shown to people, without user and password. */
export function databaseName(settings: Settings, url: string): string {
  return settings.database.kind === 'external' ? describeDatabase(url) : 'embedded PostgreSQL';
}
