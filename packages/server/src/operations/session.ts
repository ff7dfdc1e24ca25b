import { type SessionView, TowpathError } from '@towpath/contract';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { endSession, openSession, sessionHolder, takeCode } from '../store/sessions.ts';
import { actorOf } from '../store/tokens.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';

/** Whoever works with it daily is not asked again. */
export const sessionLifeMs = 30 * 24 * 3_600_000;
const codeLifeMs = 60_000;

export type Credential = { readonly token: string } | { readonly code: string };

/** A session for who has the token or the code. Throws unauthorised. No authorisation: what is given is the proof. */
export async function logIn(
  { db }: Pick<House, 'db'>,
  given: Credential,
): Promise<{ view: SessionView; secret: string }> {
  return transaction(db, async (tx) => {
    const holder = 'token' in given ? await actorOf(tx, given.token) : await takeCode(tx, given.code);
    if (holder === null) {
      const help =
        'token' in given ? {} : { help: 'A code is good once, for a minute. Get another: `towpath dashboard`.' };
      const what = 'token' in given ? 'the token is not known here' : 'the code is not good, or not any more';
      throw new TowpathError('unauthorised', what, help);
    }
    const { name, role, tokenId } = holder;
    const { secret } = await openSession(tx, 'session', tokenId, sessionLifeMs);
    const by = 'token' in given ? 'token' : 'code';
    await appendEvent(tx, { name: 'session.opened', actor: name, subject: `token/${tokenId}`, data: { by } });
    return { view: { name, role }, secret };
  });
}

/** False: the secret was none of a session, or not any more. */
export async function logOut({ db }: Pick<House, 'db'>, secret: string): Promise<boolean> {
  return transaction(db, async (tx) => {
    const holder = await sessionHolder(tx, secret);
    if (holder === null || !(await endSession(tx, secret))) return false;
    const subject = `token/${holder.tokenId}`;
    await appendEvent(tx, { name: 'session.closed', actor: holder.name, subject, data: {} });
    return true;
  });
}

export const whoAsks = operation(
  'read',
  async (_house, { name, role }, _input: undefined): Promise<SessionView> => ({ name, role }),
);

/** A code that logs a browser in as the caller, once; with the address that the browser opens. */
export const makeCode = operation('session.code', async ({ db, config }, actor, _input: undefined) => {
  if (actor.tokenId === undefined) throw new TowpathError('forbidden', `${actor.name} has no token to log in with`);
  const { secret: code, expiresAt } = await openSession(db, 'code', actor.tokenId, codeLifeMs);
  // Behind the #: it is sent to no server, and so is in no log.
  const url = new URL(`login#code=${code}`, `${config.controlUrl.replace(/\/$/, '')}/`).href;
  return { code, expiresAt: expiresAt.toISOString(), url };
});
