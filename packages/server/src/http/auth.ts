import type { IncomingHttpHeaders } from 'node:http';
import { TowpathError } from '@towpath/contract';
import type { Actor } from '../operations/house.ts';
import type { Db } from '../store/connect.ts';
import { sessionHolder } from '../store/sessions.ts';
import { actorOf } from '../store/tokens.ts';

/** The token of a request: `Bearer …`, or as git sends it, the password of `Basic …`. Null when there is none. */
function tokenOf(headers: IncomingHttpHeaders): string | null {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
  return password === '' ? null : password;
}

const cookieName = 'towpath_session';

/** What the browser's cookie says; null without one. */
export function cookieOf(headers: IncomingHttpHeaders): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === cookieName && value !== undefined && value !== '') return value;
  }
  return null;
}

/** The cookie as a browser is told to keep it, no script and no other site can use it; null: to forget it. */
export function cookieText(secret: string | null, lifeMs: number, secure: boolean): string {
  const age = secret === null ? 0 : Math.floor(lifeMs / 1000);
  return `${cookieName}=${secret ?? ''}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${age}${secure ? '; Secure' : ''}`;
}

/** Who asks. Throws `unauthorised` without a valid token. */
export async function authenticate(db: Db, headers: IncomingHttpHeaders): Promise<Actor> {
  const token = tokenOf(headers);
  if (token === null) throw new TowpathError('unauthorised', 'the request has no token');
  const actor = await actorOf(db, token);
  if (actor === null) throw new TowpathError('unauthorised', 'the token is not known here');
  return actor;
}

const harmless: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * The same for the API, which a browser may ask with its cookie. A cookie is sent by itself, whoever made the page: it counts for a
 * change only when the browser says that the page is ours. Throws `unauthorised` and `forbidden`.
 */
export async function authenticateApi(db: Db, method: string, headers: IncomingHttpHeaders): Promise<Actor> {
  const cookie = cookieOf(headers);
  if (headers.authorization !== undefined || cookie === null) return authenticate(db, headers);
  const actor = await sessionHolder(db, cookie);
  if (actor === null) throw new TowpathError('unauthorised', 'the session is over', { help: 'Log in again.' });
  if (!harmless.has(method)) requireOwnPage(headers);
  return actor;
}

/** Throws `forbidden` unless the browser says that the page that asks is this server's own. */
export function requireOwnPage({ origin, host }: IncomingHttpHeaders): void {
  const from = origin === undefined || !URL.canParse(origin) ? null : new URL(origin).host;
  if (from !== null && from === host?.toLowerCase()) return;
  throw new TowpathError('forbidden', `a page of ${origin ?? 'nowhere'} may not change anything here`, {
    help: 'Use the dashboard of this Towpath, or send a token: `authorization: Bearer …`.',
  });
}
