import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createApp } from '../src/app.js';
import { openQueue } from '../src/queue.js';
import { workOff } from '../src/work.js';

let folder;
let queue;
let server;
let url;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jobs-test-'));
  queue = await openQueue(folder);
  server = createApp(queue).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const order = (body) =>
  fetch(`${url}/receipts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('a receipt waits until a worker wrote it', async () => {
  const ordered = await order({ buyer: 'Ada', lines: [{ name: 'Rope', cents: 1250 }] });
  assert.equal(ordered.status, 202);
  const path = `${url}${ordered.headers.get('location')}`;
  assert.deepEqual(await (await fetch(path)).json(), { state: 'waiting' });
  assert.equal(await workOff(queue), 1);
  assert.deepEqual(await (await fetch(path)).json(), {
    state: 'done',
    result: { text: 'Rope: 12.50 EUR\nAda pays 12.50 EUR' },
  });
});

test('two workers do each job once', async () => {
  await Promise.all(Array.from({ length: 20 }, () => queue.add({ buyer: 'Ada', lines: [] })));
  const done = await Promise.all([workOff(queue), workOff(queue)]);
  assert.equal(done[0] + done[1], 20);
});

test('an order without lines is refused', async () => {
  assert.equal((await order({ buyer: 'Ada' })).status, 400);
});

test('a receipt that nobody ordered is not found', async () => {
  assert.equal((await fetch(`${url}/receipts/none`)).status, 404);
});
