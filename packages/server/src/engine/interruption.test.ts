import { TowpathError } from '@towpath/contract';
import { expect, test } from 'vitest';
import { StaleClaim } from '../domain/claim.ts';
import { interruption } from './interruption.ts';
import { LeaseLost } from './lease.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const isAway = (error: unknown) => error === refused;

test.each([
  [new StaleClaim({ scope: 'run/1', epoch: 2 }), 'stale claim'],
  [new LeaseLost('x'), 'lease lost'],
  [refused, 'database away'],
  [new TowpathError('database_away', 'it is', { cause: refused }), 'database away'],
  // Not the database: its keeper's socket.
  [new TowpathError('supervisor_away', 'it is', { cause: refused }), null],
  [new TypeError('a defect'), null],
  ['not even an error', null],
])('%s → %s', (error, reason) => {
  expect(interruption(error, isAway)).toBe(reason);
});
