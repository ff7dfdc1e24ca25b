import { expect, test } from 'vitest';
import { isGoRecent, otherExamples } from './toolchains.ts';

test.each([
  ['go version go1.22.0 linux/amd64', true],
  ['go version go1.26.8 linux/amd64', true],
  ['go version go2.0 linux/amd64', true],
  ['go version go1.19.8 linux/amd64', false],
  ['go version devel +abc', false],
  [null, false],
])('%s is recent enough for the example: %s', (said, recent) => {
  expect(isGoRecent(said)).toBe(recent);
});

test('without any toolchain every example says what is missing', () => {
  const examples = otherExamples({ PATH: '/nowhere' });
  expect(examples.map(({ name, missing }) => [name, missing !== null])).toEqual([
    ['go', true],
    ['flask', true],
  ]);
});
