import { TowpathError } from '@towpath/contract';
import { expect, test } from 'vitest';
import { asDiskFull } from './disk-full.ts';

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  ['a file', coded('ENOSPC', 'no space left on device, write'), 'the disk is full: no space left on device, write'],
  ['a quota', coded('EDQUOT', 'quota exceeded'), 'the disk is full: quota exceeded'],
  ['the database', coded('53100', 'could not extend file'), "the database's disk is full: could not extend file"],
])('%s without space, wrapped or not', (_what, error, message) => {
  expect(asDiskFull(error)).toMatchObject({ code: 'disk_full', message });
  expect(asDiskFull(new Error('failed query', { cause: error }))).toMatchObject({ code: 'disk_full', message });
});

test('one that a driver has put into words stays as it is', () => {
  const told = new TowpathError('disk_full', 'git could not write');
  expect(asDiskFull(told)).toBe(told);
});

test('everything else is something else', () => {
  const away = new TowpathError('supervisor_away', 'nobody answers', { cause: coded('ENOSPC', 'no space') });
  for (const error of [coded('EACCES', 'no'), new Error('plain'), 'text', null, away])
    expect(asDiskFull(error)).toBeNull();
});
