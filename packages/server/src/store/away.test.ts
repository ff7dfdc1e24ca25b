import { TowpathError } from '@towpath/contract';
import { DrizzleQueryError } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { isAway } from './away.ts';

const withCode = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more });
const coded = (...codes: string[]): [string, Error][] => codes.map((code) => [code, withCode(code)]);

test.each<[string, unknown]>([
  ...coded('08006', '57P01', '57P02', '57P03', '57P05', '25P03', '53300', 'ECONNREFUSED', 'ECONNRESET'),
  ['no socket', withCode('ENOENT', { syscall: 'connect' })],
  ['wrapped', new DrizzleQueryError('select 1', [], withCode('57P01'))],
  ['told already', new TowpathError('database_away', 'gone')],
  ['cut', new Error('Connection terminated unexpectedly')],
  ['used after a cut', new Error('Client has encountered a connection error and is not queryable')],
])('away: %s', (_, error) => {
  expect(isAway(error)).toBe(true);
});

test.each<[string, unknown]>([
  ...coded('23505', '42P01', '40P01', '57014', '57P04', 'EACCES'),
  ['no file', withCode('ENOENT', { syscall: 'open' })],
  ['another part', new TowpathError('supervisor_away', 'gone', { cause: withCode('ECONNREFUSED') })],
  ['no error at all', 'Connection terminated'],
])('not away: %s', (_, error) => {
  expect(isAway(error)).toBe(false);
});

test('causes in a circle come to an end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(isAway(error)).toBe(false);
});
