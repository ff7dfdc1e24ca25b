import { expect, test } from 'vitest';
import { clockCheck, namesCheck } from './diagnosis.ts';

test.each([
  ['within the call', 1_050, 1_000, 1_100, 'ok'],
  ['a slow answer is no difference', 9_000, 1_000, 20_000, 'ok'],
  ['behind', 1_000, 10_000, 10_100, 'warning'],
  ['ahead', 30_000, 10_000, 10_100, 'warning'],
])('clocks: %s', (_, theirs, asked, answered, status) => {
  expect(clockCheck(theirs, asked, answered).status).toBe(status);
});

test('a name that the resolver does not know has another way', async () => {
  const known = async () => '127.0.0.1';
  const unknown = () => Promise.reject(new Error('ENOTFOUND'));
  expect((await namesCheck('localhost', 'http://127.0.0.1:8080', known)).status).toBe('ok');
  expect(await namesCheck('localhost', 'http://127.0.0.1:8080', unknown)).toMatchObject({
    status: 'warning',
    help: expect.stringContaining("curl -H 'Host: <service>.localhost' http://127.0.0.1:8080"),
  });
});
