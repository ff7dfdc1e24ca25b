import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Choosable, pickBackend, pickReplica } from './choose.ts';

const replica = fc.record({
  health: fc.constantFrom('unknown' as const, 'healthy' as const, 'unhealthy' as const),
  suspect: fc.boolean(),
  inFlight: fc.nat(20),
});
const point = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('pickBackend', () => {
  test('never picks a backend without weight', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ weight: fc.integer({ min: 0, max: 100 }) })), point, (backends, at) => {
        const picked = pickBackend(backends, at);
        if (backends.some(({ weight }) => weight > 0)) expect(picked?.weight).toBeGreaterThan(0);
        else expect(picked).toBeNull();
      }),
    );
  });

  test('gives each backend its share of the points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (weight) => {
        const backends = [
          { name: 'new', weight },
          { name: 'old', weight: 100 - weight },
        ];
        const points = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100);
        expect(points.filter((at) => pickBackend(backends, at)?.name === 'new')).toHaveLength(weight);
      }),
    );
  });

  test('a user of the first backend stays there while its weight grows', () => {
    fc.assert(
      fc.property(point, fc.integer({ min: 0, max: 99 }), (at, weight) => {
        const first = { weight };
        const grown = { weight: weight + 1 };
        const stays = pickBackend([grown, { weight: 99 - weight }], at) === grown;
        if (pickBackend([first, { weight: 100 - weight }], at) === first) expect(stays).toBe(true);
      }),
    );
  });
});

describe('pickReplica', () => {
  const order = ({ health, suspect }: Choosable): number =>
    suspect || health === 'unhealthy' ? 2 : health === 'unknown' ? 1 : 0;

  test('picks one of those in the best health, with the fewest requests in flight, and none that was tried', () => {
    fc.assert(
      fc.property(
        fc.array(replica, { minLength: 1 }),
        fc.nat(1000),
        fc.infiniteStream(fc.boolean()),
        (all, start, coin) => {
          const tried = all.filter(() => coin.next().value);
          const left = all.filter((each) => !tried.includes(each));
          const picked = pickReplica(all, start, tried);
          if (picked === null) {
            expect(left).toHaveLength(0);
            return;
          }
          expect(left).toContain(picked);
          const best = Math.min(...left.map(order));
          expect(order(picked)).toBe(best);
          const fewest = Math.min(...left.filter((each) => order(each) === best).map(({ inFlight }) => inFlight));
          expect(picked.inFlight).toBe(fewest);
        },
      ),
    );
  });

  test('goes round among equals', () => {
    const equals = ['a', 'b', 'c'].map((name) => ({ name, health: 'healthy' as const, suspect: false, inFlight: 0 }));
    expect([0, 1, 2, 3].map((turn) => pickReplica(equals, turn, [])?.name)).toEqual(['a', 'b', 'c', 'a']);
  });

  test('tries an unhealthy replica rather than none', () => {
    const down = { health: 'unhealthy' as const, suspect: false, inFlight: 0 };
    expect(pickReplica([down], 0, [])).toBe(down);
    expect(pickReplica([], 0, [])).toBeNull();
  });
});
