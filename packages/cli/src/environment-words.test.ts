import { expect, test } from 'vitest';
import { durationFrom, patchFrom } from './environment-words.ts';

test.each([
  [
    ['deploy=auto', 'branch=feature/x=1', 'approval-timeout=7d'],
    { deploy: 'auto', branch: 'feature/x=1', approvalMs: 604_800_000 },
  ],
  [['branch=', 'after='], { branch: null, after: null }],
  [['after=staging'], { after: 'staging' }],
])('%j is a change', (words, patch) => {
  expect(patchFrom(words)).toEqual(patch);
});

test.each([
  [['deploy=always'], 'deploy must be auto, approve, manual, not "always"'],
  [['colour=red'], '"colour" is no setting of an environment'],
  [['constructor=1'], '"constructor" is no setting of an environment'],
  [['deploy'], 'deploy has no value'],
  [['deploy=auto', 'deploy=manual'], 'deploy is given twice'],
  [['approval-timeout=soon'], 'approval-timeout must be a time like 90m, 12h, 7d or 2w, not "soon"'],
])('%j is refused', (words, message) => {
  expect(() => patchFrom(words)).toThrow(message);
});

test.each([
  ['90m', 5_400_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
])('%s is a time', (word, ms) => {
  expect(durationFrom(word, 'it')).toBe(ms);
});
