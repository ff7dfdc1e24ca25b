import { stripVTControlCharacters as plain } from 'node:util';
import { TowpathError } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput, duration, errorText } from './output.ts';

function capture(isTTY = false) {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  return { stream: { write, isTTY }, text: () => text };
}

test('with --json one document, and nothing else, goes to stdout', () => {
  const [out, errors] = [capture(), capture()];
  const output = createOutput(true, out.stream, errors.stream);
  output.doing('work');
  output.done('work', 5);
  output.line('text');
  output.fields([['a', 'b']]);
  output.warn('careful');
  output.result({ ok: true });
  expect(out.text()).toBe('{"ok":true}\n');
  expect(errors.text()).toBe('');
});

test('piped, what is going on is not shown, what was done is', () => {
  const out = capture();
  const output = createOutput(false, out.stream, capture().stream);
  output.doing('Copying');
  output.done('Copied', 1234);
  output.fields([
    ['data', '/srv'],
    ['', 'else'],
  ]);
  output.result({ ok: true });
  expect(plain(out.text())).toBe('✓ Copied  1.2 s\n  data  /srv\n        else\n');
});

test('on a terminal, what is going on is replaced by what comes next', () => {
  const out = capture(true);
  const output = createOutput(false, out.stream, capture().stream);
  output.doing('Copying');
  output.done('Copied');
  expect(out.text()).toContain('Copying\r\u001b[2K');
});

test('what is shown again takes the place of what was there on a terminal, and follows it elsewhere', () => {
  const [piped, terminal] = [capture(), capture(true)];
  for (const { stream } of [piped, terminal]) {
    const output = createOutput(false, stream, capture().stream);
    for (const line of ['one', 'two']) {
      output.again();
      output.line(line);
    }
  }
  expect(piped.text()).toBe('one\n\ntwo\n');
  expect(terminal.text()).toBe('\u001b[H\u001b[2Jone\n\u001b[H\u001b[2Jtwo\n');
});

test('an error says what happened and what to do about it', () => {
  const error = new TowpathError('port_in_use', '127.0.0.1:8080 is taken', { help: 'Choose another one.' });
  expect(plain(errorText(error))).toBe('error: 127.0.0.1:8080 is taken\n→ Choose another one.\n');
  expect(errorText(new Error('boom'))).toContain('defect in Towpath');
});

test.each([
  [12, '12 ms'],
  [340, '0.3 s'],
  [59_900, '59.9 s'],
  [125_000, '2 min 5 s'],
])('%i ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
