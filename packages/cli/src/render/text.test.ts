import { expect, test } from 'vitest';
import { cut, hanging, wrap } from './text.ts';

test('a cut text says so', () => {
  expect(cut('Show VAT', 8)).toBe('Show VAT');
  expect(cut('Show VAT in totals', 8)).toBe('Show VA…');
  expect(cut('anything', Number.POSITIVE_INFINITY)).toBe('anything');
});

test('lines break between words; what may be copied stays whole', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('see http://127.0.0.1:8080/a/long/way there', 10)).toEqual([
    'see',
    'http://127.0.0.1:8080/a/long/way',
    'there',
  ]);
  expect(wrap('', 10)).toEqual(['']);
  expect(wrap('on one line', Number.POSITIVE_INFINITY)).toEqual(['on one line']);
});

test('further lines stand below the beginning', () => {
  const text = 'no command found; set one: towpath service set api';
  expect(hanging('unit   skipped  ', 16, text, 50)).toBe(
    'unit   skipped  no command found; set one: towpath\n                service set api',
  );
});

test('without room beside the prefix they get lines of their own', () => {
  expect(hanging('unit   skipped  ', 16, 'no command found; set one', 40)).toBe(
    'unit   skipped\n      no command found; set one',
  );
});

test('a prefix without a text ends where it ends', () => {
  expect(hanging('unit   succeeded  ', 18, '', 80)).toBe('unit   succeeded');
});
