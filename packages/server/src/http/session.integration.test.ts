import { Problem, SessionView } from '@towpath/contract';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from './testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.open();
});
afterAll(() => server.close());

/** `towpath_session=…` as the browser sends it back, with what else the cookie says. */
function cookieIn(response: Response): { sent: string; text: string } {
  const [text = ''] = response.headers.getSetCookie();
  return { sent: text.split(';')[0] ?? '', text };
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function loggedIn(): Promise<string> {
  return cookieIn(await post('/api/session', { token: server.token })).sent;
}

const code = async (response: Response) => Problem.parse(await response.json()).code;

describe('a session', () => {
  test('is begun with a token, in a cookie that no script and no other site can use', async () => {
    const response = await post('/api/session', { token: server.token });
    expect(SessionView.parse(await response.json())).toEqual({ name: 'owner', role: 'owner' });
    const { text } = cookieIn(response);
    expect(text).toMatch(/^towpath_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/);
  });

  test('reads, and changes what its own pages ask for', async () => {
    const cookie = await loggedIn();
    const who = await fetch(`${server.address}/api/session`, { headers: { cookie } });
    expect(await who.json()).toEqual({ name: 'owner', role: 'owner' });
    const made = await post('/api/services', { name: 'mine' }, { cookie, origin: server.address });
    expect(made.status).toBe(200);
  });

  test.each([
    ['another page', { origin: 'http://evil.example' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['a page without a name', { origin: 'null' }],
    ['nobody knows where', {}],
  ])('changes nothing for %s', async (_what, headers) => {
    const cookie = await loggedIn();
    const response = await post('/api/services', { name: 'theirs' }, { cookie, ...headers });
    expect(response.status).toBe(403);
    expect(await code(response)).toBe('forbidden');
    const out = await fetch(`${server.address}/api/session`, {
      method: 'DELETE',
      headers: { cookie, origin: 'http://evil.example' },
    });
    expect(out.status).toBe(403);
    expect((await fetch(`${server.address}/api/session`, { headers: { cookie } })).status).toBe(200);
  });

  test('ends when it is ended, and with its time', async () => {
    const cookie = await loggedIn();
    const ended = await fetch(`${server.address}/api/session`, { method: 'DELETE', headers: { cookie } });
    expect(await ended.json()).toEqual({ ended: true });
    expect(cookieIn(ended).text).toContain('Max-Age=0');
    const again = await fetch(`${server.address}/api/session`, { method: 'DELETE', headers: { cookie } });
    expect(await again.json()).toEqual({ ended: false });
    const after = await fetch(`${server.address}/api/session`, { headers: { cookie } });
    expect([after.status, await code(after)]).toEqual([401, 'unauthorised']);

    const old = await loggedIn();
    await server.db.execute(sql`update sessions set expires_at = now() - interval '1 second'`);
    expect((await fetch(`${server.address}/api/session`, { headers: { cookie: old } })).status).toBe(401);
  });

  test('is told in the audit, its secret is nowhere', async () => {
    const cookie = await loggedIn();
    const secret = cookie.split('=')[1] ?? '-';
    const { rows } = await server.db.execute(sql`select row_to_json(events)::text as text from events`);
    const text = JSON.stringify(rows);
    expect(text).toContain('session.opened');
    expect(text).not.toContain(secret);
    const kept = await server.db.execute(sql`select row_to_json(sessions)::text as text from sessions`);
    expect(JSON.stringify(kept.rows)).not.toContain(secret);
  });
});

describe('a code', () => {
  const made = async () => {
    const response = await post('/api/session/codes', {}, { authorization: `Bearer ${server.token}` });
    return (await response.json()) as { code: string; url: string; expiresAt: string };
  };

  test('logs in once, as who made it', async () => {
    const { code: secret, url, expiresAt } = await made();
    expect(url).toBe(`${server.controlUrl}/login#code=${secret}`);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(61_000);
    const first = await post('/api/session', { code: secret });
    expect(await first.json()).toEqual({ name: 'owner', role: 'owner' });
    const second = await post('/api/session', { code: secret });
    expect([second.status, await code(second)]).toEqual([401, 'unauthorised']);
  });

  test('is no session and no token, and a session is no code', async () => {
    const { code: secret } = await made();
    const cookie = `towpath_session=${secret}`;
    expect((await fetch(`${server.address}/api/session`, { headers: { cookie } })).status).toBe(401);
    const session = (await loggedIn()).split('=')[1];
    expect((await post('/api/session', { code: session })).status).toBe(401);
  });

  test('is good for a minute', async () => {
    const { code: secret } = await made();
    await server.db.execute(sql`update sessions set expires_at = now() - interval '1 second' where kind = 'code'`);
    expect((await post('/api/session', { code: secret })).status).toBe(401);
  });
});

test('who guesses has to wait, whoever asks from elsewhere does not', async () => {
  const guess = (from: string, token = 'wrong') => post('/api/session', { token }, { 'x-forwarded-for': from });
  for (let count = 0; count < 10; count++) expect((await guess('10.0.0.1')).status).toBe(401);
  const refused = await guess('10.0.0.1', server.token);
  expect([refused.status, await code(refused)]).toEqual([429, 'too_many_requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await guess('10.0.0.2', server.token)).status).toBe(200);
});

test('a token has a limit, and every answer says how much is left', async () => {
  const busy = await TestServer.open({ limits: { requestsPerMinute: 60 } });
  try {
    const ask = () => fetch(`${busy.address}/api/session`, { headers: { authorization: `Bearer ${busy.token}` } });
    const first = await ask();
    expect(first.headers.get('ratelimit-policy')).toBe('"token";q=10;w=10');
    expect(first.headers.get('ratelimit')).toMatch(/^"token";r=9;t=1$/);
    const answers = await Promise.all(Array.from({ length: 15 }, ask));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(2);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect((await fetch(`${busy.address}/api/health`)).status).toBe(200);
  } finally {
    await busy.close();
  }
});

describe('the key of a change', () => {
  const change = (key: string, name: string, path = '/api/services') =>
    post(path, { name }, { authorization: `Bearer ${server.token}`, 'idempotency-key': key });

  test('has it done once, however often it is sent, also at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => change('key-1', 'once')));
    const bodies = await Promise.all(answers.map((each) => each.json()));
    for (const body of bodies) expect(body).toEqual(bodies[0]);
    expect(bodies[0]).toMatchObject({ name: 'once', created: true });
    expect(answers.filter((each) => each.headers.get('idempotency-replayed') === 'true')).toHaveLength(3);
    const created = await server.db.execute(
      sql`select * from events where name = 'service.created' and data->>'service' = 'once'`,
    );
    expect(created.rows).toHaveLength(1);
  });

  test('is for that request only', async () => {
    await change('key-2', 'two');
    const other = await change('key-2', 'other');
    expect([other.status, await code(other)]).toEqual([422, 'key_reused']);
  });

  test('says so when it was done and its answer is lost, and is free again when nothing was done', async () => {
    await change('key-3', 'three');
    await server.db.execute(sql`update request_keys set answer = null where key = 'key-3'`);
    const again = await change('key-3', 'three');
    expect([again.status, await code(again)]).toEqual([409, 'answer_unknown']);

    const authorization = `Bearer ${server.token}`;
    const refused = await post('/api/runs/4711/cancel', {}, { authorization, 'idempotency-key': 'key-4' });
    expect(refused.status).toBe(404);
    expect((await change('key-4', 'four')).status).toBe(200);
  });

  test('is kept for a day', async () => {
    await change('key-5', 'five');
    await server.db.execute(sql`update request_keys set created_at = now() - interval '25 hours' where key = 'key-5'`);
    expect(await (await change('key-5', 'five')).json()).toMatchObject({ created: false });
  });

  test('is text that can be kept', async () => {
    const response = await change('a b', 'six');
    expect([response.status, await code(response)]).toEqual([400, 'bad_request']);
  });
});
