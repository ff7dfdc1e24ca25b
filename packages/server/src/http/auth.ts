import type { IncomingHttpHeaders } from 'node:http';
import { TowpathError } from '@towpath/contract';
import type { Actor } from '../operations/house.ts';
import type { Db } from '../store/connect.ts';
import { actorOf } from '../store/tokens.ts';

/** The token of a request: `Bearer …`, or as git sends it, the password of `Basic …`. Null when there is none. */
function tokenOf(headers: IncomingHttpHeaders): string | null {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
  return password === '' ? null : password;
}

/** Who asks. Throws `unauthorised` without a valid token. */
export async function authenticate(db: Db, headers: IncomingHttpHeaders): Promise<Actor> {
  const token = tokenOf(headers);
  if (token === null) throw new TowpathError('unauthorised', 'the request has no token');
  const actor = await actorOf(db, token);
  if (actor === null) throw new TowpathError('unauthorised', 'the token is not known here');
  return actor;
}
