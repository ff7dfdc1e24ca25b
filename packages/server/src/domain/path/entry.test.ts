import { expect, test } from 'vitest';
import { type Asked, entryOf } from './entry.ts';

test.each<[asked: Asked, admission: string, refused: string | null]>([
  [{ environment: 'auto' }, 'auto', null],
  [{ environment: 'approve', service: 'auto' }, 'auto', null],
  [{ environment: 'auto', file: 'approve' }, 'approve', null],
  [{ environment: 'approve', file: 'manual' }, 'manual', null],
  [{ environment: 'approve', file: 'approve' }, 'approve', null],
  [{ environment: 'approve', service: 'auto', file: 'auto' }, 'auto', null],
  [{ environment: 'approve', file: 'auto' }, 'approve', 'auto is less strict than approve, which the environment has'],
  [
    { environment: 'auto', service: 'manual', file: 'approve' },
    'manual',
    'approve is less strict than manual, which the service has',
  ],
])('%j is entered by %s', (asked, admission, refused) => {
  const entry = entryOf('production', asked);
  expect(entry.admission).toBe(admission);
  if (refused === null) expect(entry.refused).toBeNull();
  else expect(entry.refused).toBe(`environments.production.deploy: ${refused}; a pushed file can only be stricter`);
});
