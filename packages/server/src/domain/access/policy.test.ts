import { Verb } from '@towpath/contract';
import { expect, test } from 'vitest';
import { allow } from './policy.ts';

const target = { project: 'shop', service: 'api', environment: 'production' };

test.each(Verb.options)('an owner may %s', (verb) => {
  expect(allow({ name: 'ann', role: 'owner' }, verb, target).allowed).toBe(true);
});

test.each(Verb.options)('a role that nobody defined may not %s', (verb) => {
  expect(allow({ name: 'mallory', role: 'Owner' }, verb, target).allowed).toBe(false);
});

test('a verb that nobody defined is denied to everybody', () => {
  expect(allow({ name: 'ann', role: 'owner' }, 'constructor' as Verb, target).allowed).toBe(false);
});

test('the reason names who, as what, and what for', () => {
  expect(allow({ name: 'mallory', role: 'guest' }, 'deploy', target).reason).toBe(
    'mallory, whose role is guest, may not deploy on shop/api/production',
  );
  expect(allow({ name: 'ann', role: 'owner' }, 'read', {}).reason).toBe('ann, whose role is owner, may read');
});
