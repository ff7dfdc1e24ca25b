import { expect, test } from 'vitest';
import { entriesFrom } from './config-change.ts';

const input = async () => 'from the input';
const nobody = () => Promise.reject(new Error('nothing is to be read'));

test.each([
  [['A=1', 'B=x=y', 'C='], { A: '1', B: 'x=y', C: '' }],
  [[], {}],
])('%j are names and values', async (words, entries) => {
  expect(await entriesFrom(words, 'config', nobody)).toEqual(entries);
  expect(await entriesFrom(words, 'secrets', nobody)).toEqual(entries);
});

test('a secret without its value is read', async () => {
  expect(await entriesFrom(['TOKEN', 'B=1'], 'secrets', input)).toEqual({ TOKEN: 'from the input', B: '1' });
});

test.each([
  ['config', ['A'], 'A has no value'],
  ['config', ['=1'], 'a value has no name'],
  ['config', ['A=1', 'A=2'], 'A is given twice'],
  ['secrets', ['A', 'B'], 'A and B have no value'],
] as const)('in %s %j is refused', async (kind, words, message) => {
  await expect(entriesFrom(words, kind, nobody)).rejects.toThrow(message);
});
