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

const totals = (body) =>
  fetch(`${url}/totals`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('adds up what is bought', async () => {
  const lines = [
    { cents: 1250, count: 2 },
    { cents: 899, count: 1 },
  ];
  assert.deepEqual(await (await totals({ lines })).json(), { cents: 3399, price: '33.99 EUR' });
});

test('refuses what is no list of lines', async () => {
  assert.equal((await totals({ lines: 'all' })).status, 400);
});
