import { errors } from '@towpath/contract';
import { expect, test } from 'vitest';
import { verbs } from './command.ts';
import { find, topics } from './docs.ts';
import { buildProgram } from './program.ts';

const all = topics(await buildProgram(() => true));
const names = (word: string) => find(all, word).found.map(({ kind, name }) => `${kind} ${name}`);

test('every verb and every error has an entry with text', () => {
  const known = new Set(all.map(({ name }) => name));
  for (const [verb, { summary }] of Object.entries(verbs)) expect(known.has(verb)).toBe(summary !== '');
  for (const code of Object.keys(errors)) expect(known.has(code)).toBe(true);
  for (const { lines } of all) expect(lines.join('').length).toBeGreaterThan(10);
});

test.each([
  ['health', ['setting health']],
  ['Service Set', ['command service set']],
  ['disk_full', ['error disk_full']],
  ['startTimeout', ['setting health.startTimeout']],
])('%s is found', (word, found) => {
  expect(names(word)).toEqual(expect.arrayContaining(found));
});

test('a word that is nothing is answered with what is near it', () => {
  expect(find(all, 'rolback').near).toContain('rollback');
  expect(find(all, 'timeout').near).toContain('timeouts.stage');
  expect(find(all, 'xyzzyxyzzy').near).toEqual([]);
});
