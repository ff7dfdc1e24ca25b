import http from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';

/** The URL of a fresh database of its own, migrated unless `migrated` is false. It is removed at the end of the whole run. */
export async function testDatabase(options: { migrated?: boolean } = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const where = options.migrated === false ? '/empty' : '/migrated';
  http.get({ socketPath: inject('databases'), path: where, agent: false }, resolve).on('error', reject);
  const response = await promise;
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`no test database: ${answer}`);
  return answer;
}
