import { expect, test } from 'vitest';
import { ReplicaLines } from './replica-lines.ts';

test('lines of two replicas never mix, and each is under its heading', () => {
  const lines = new ReplicaLines();
  const shown = [
    { replica: 'a', text: 'one\ntw' },
    { replica: 'b', text: 'half' },
    { replica: 'a', text: 'o\n' },
    { replica: 'b', text: ' and half\nlast' },
    { replica: 'a', text: 'three\n' },
  ].map((each) => lines.push(each));
  expect(shown.join('')).toBe('==> a <==\none\ntwo\n==> b <==\nhalf and half\n==> a <==\nthree\n');
});

test('a line without an end is not held for ever', () => {
  const lines = new ReplicaLines();
  expect(lines.push({ replica: 'a', text: 'x'.repeat(70_000) })).toHaveLength(70_000 + '==> a <==\n'.length);
});
