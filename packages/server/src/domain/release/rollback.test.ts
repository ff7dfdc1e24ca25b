import { describe, expect, test } from 'vitest';
import { type Candidate, rollbackTo } from './rollback.ts';

const release = (version: number, copiedFrom: number | null = null): Candidate => ({
  id: version,
  version,
  artifactDigest: `digest-${version}`,
  commit: `${version}`.repeat(40).slice(0, 40),
  copiedFrom,
});
const newestFirst = (...releases: Candidate[]) => releases.toReversed();

describe('rollbackTo', () => {
  const [v1, v2, v3] = [release(1), release(2), release(3)];
  const three = newestFirst(v1, v2, v3);

  test('goes to what was live before', () => {
    expect(rollbackTo(three, [3, 2, 1], v3, {}, true)).toEqual({ release: v2 });
  });

  test('leaves out a release that never got live', () => {
    expect(rollbackTo(three, [3, 1], v3, {}, true)).toEqual({ release: v1 });
  });

  test('a second rollback goes one further back, not forward again', () => {
    const back = release(4, 2);
    expect(rollbackTo(newestFirst(v1, v2, v3, back), [4, 3, 2, 1], back, {}, true)).toEqual({ release: v1 });
  });

  test('by version and by the start of a commit', () => {
    expect(rollbackTo(three, [3, 2, 1], v3, { version: 1 }, true)).toEqual({ release: v1 });
    expect(rollbackTo(three, [3, 2, 1], v3, { commit: '1111' }, true)).toEqual({ release: v1 });
  });

  test.each([
    ['the live one', { version: 3 }, 'same_release'],
    ['one that is not there', { version: 9 }, 'unknown_release'],
    ['a commit that is not there', { commit: 'ffff' }, 'unknown_release'],
  ])('refuses %s', (_what, wish, code) => {
    expect(rollbackTo(three, [3, 2, 1], v3, wish, true)).toMatchObject({ release: null, code });
  });

  test('the live one is somewhere to go to while another one is on its way', () => {
    expect(rollbackTo(three, [3, 2, 1], v3, { version: 3 }, false)).toEqual({ release: v3 });
  });

  test('the first release has nothing before it', () => {
    expect(rollbackTo([v1], [1], v1, {}, true)).toMatchObject({ release: null, code: 'nothing_to_roll_back_to' });
  });
});
