import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';

let server;
let url;

before(async () => {
  server = createApp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

test('answers with its totals', async () => {
  const response = await fetch(`${url}/totals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ net: 1000, vat: 21 }),
  });
  assert.deepEqual(await response.json(), { total: 1210 });
});

test('refuses what is not a number', async () => {
  const response = await fetch(`${url}/totals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ net: 'ten' }),
  });
  assert.equal(response.status, 400);
});
