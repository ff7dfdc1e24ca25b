import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../../scripts/parts.ts';
import { describe as inWords, plan } from './blow.ts';
import { Chaos, partsOf } from './chaos.ts';
import { Random } from './random.ts';

const random = new Random(20);
/** Pairs at any moment and single parts at places by turns: 20 kills and more. `npm run chaos` goes on to hundreds. */
const blows = plan(random, partsOf(1), 14, 1).map((blow) => ({ blow, what: inWords(blow) }));

withParts(['git', 'proc'], () => {
  describe('Given three teams that ship, and users on their services', () => {
    let chaos: Chaos;
    let kills = 0;

    beforeAll(async () => {
      chaos = await Chaos.begin(random);
    });

    afterAll(() => chaos?.end());

    test.each(blows)('When SIGKILL meets $what, Then nothing is lost, done twice or left over', async ({ blow }) => {
      const { died, faults } = await chaos.round(blow);
      kills += died.length;
      expect(faults).toEqual([]);
    });

    test('That were 20 kills, and users were served all the while', () => {
      expect(kills).toBeGreaterThanOrEqual(20);
      expect(chaos.visitors.total - chaos.visitors.failures.length).toBeGreaterThan(500);
    });
  });
});
