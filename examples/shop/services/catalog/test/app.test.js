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

test('lists what it has', async () => {
  assert.deepEqual(await (await fetch(`${url}/goods`)).json(), ['rope', 'lamp']);
});

test('tells a price as people read it', async () => {
  const found = await (await fetch(`${url}/goods/rope`)).json();
  assert.deepEqual(found, { name: 'Rope', cents: 1250, price: '12.50 EUR' });
});

test('does not have everything', async () => {
  assert.equal((await fetch(`${url}/goods/boat`)).status, 404);
});
