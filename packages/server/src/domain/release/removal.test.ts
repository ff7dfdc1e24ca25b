import { describe, expect, test } from 'vitest';
import { describeRemoval, describeTeardown, isLive, type Removable } from './removal.ts';

const api: Removable = {
  name: 'api/qa',
  url: 'http://api-qa.localhost',
  live: 3,
  replicas: 2,
  underWay: [7],
  config: 1,
  secrets: 2,
  releases: 3,
  runs: [12, 14],
};
const idle: Removable = {
  ...api,
  name: 'web/qa',
  live: null,
  underWay: [],
  config: 0,
  secrets: 0,
  releases: 0,
  runs: [],
};

describe('a teardown', () => {
  test('says what goes and what stays', () => {
    expect(describeTeardown(api, { config: false })).toEqual({
      removes: [
        'v3 of api/qa with 2 replicas',
        'its address http://api-qa.localhost',
        'deployment 7 of api/qa, which is called back',
      ],
      keeps: ['1 variable and 2 secrets of api/qa', 'the record of 3 releases', 'data folders'],
      notes: ['#12, #14 would deploy there again: towpath cancel <run>'],
    });
  });

  test('with the config, too', () => {
    const { removes, keeps } = describeTeardown({ ...api, replicas: 1, releases: 1 }, { config: true });
    expect(removes).toContain('1 variable and 2 secrets of api/qa');
    expect(removes).toContain('v3 of api/qa with 1 replica');
    expect(keeps).toEqual(['the record of 1 release', 'data folders']);
  });
});

test('the removal of an environment takes the config of all', () => {
  expect(describeRemoval('qa', [api, idle])).toEqual({
    removes: [
      'the environment qa',
      'v3 of api/qa with 2 replicas',
      'its address http://api-qa.localhost',
      'deployment 7 of api/qa, which is called back',
      '1 variable and 2 secrets of api/qa',
    ],
    keeps: ['the record of 3 releases', 'data folders'],
    notes: ['#12, #14 will not deploy there any more'],
  });
});

test.each([
  [1, 0, ['1 variable of api/qa']],
  [0, 1, ['1 secret of api/qa']],
  [0, 0, []],
])('of %i variables and %i secrets only those there are', (config, secrets, words) => {
  const { keeps } = describeTeardown({ ...api, config, secrets }, { config: false });
  expect(keeps).toEqual([...words, 'the record of 3 releases', 'data folders']);
});

test('what is on its way is as good as live', () => {
  expect([api, { ...api, live: null }, idle].map(isLive)).toEqual([true, true, false]);
});
