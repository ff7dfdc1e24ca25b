import { expect, test } from 'vitest';
import { lastWords } from './last-words.ts';

test('the last line is it', () => {
  expect(lastWords('starting\nLICENCE_KEY is not set\n')).toBe('LICENCE_KEY is not set');
});

test('of a crash of Node, the error, not the frames and the version below it', () => {
  const crash = `/app/server.js:3
throw new Error('no key');
      ^

Error: no key
    at Object.<anonymous> (/app/server.js:3:7)
    at node:internal/main/run_main_module:28:49

Node.js v20.20.2
`;
  expect(lastWords(crash)).toBe('Error: no key');
});

test('what npm says of the failure of a script is not why it failed', () => {
  expect(lastWords('port is missing\nnpm error Lifecycle script `start` failed\nnpm error code 1\n')).toBe(
    'port is missing',
  );
});

test('nothing was said', () => {
  expect(lastWords('')).toBeNull();
  expect(lastWords('\n  \n')).toBeNull();
});

test('colours, control characters and endless lines stay out', () => {
  expect(lastWords('\u001b[31mfatal\u001b[0m: \u0007bell\r\n')).toBe('fatal:  bell');
  expect(lastWords('x'.repeat(5_000))).toHaveLength(200);
});
