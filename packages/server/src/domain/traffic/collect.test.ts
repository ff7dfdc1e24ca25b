import type { ReleaseStats } from '@towpath/contract/router';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Before, collect, fineMs, type Look, stepMs } from './collect.ts';
import { addedUp, type Counted, countedOf, countedSince, further, shares } from './counted.ts';
import { anyCounted } from './counted-scene.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

function statsOf({
  requests,
  serviceErrors,
  routerErrors,
  broken,
  aborted,
  streams,
  latencies,
}: Counted): ReleaseStats {
  const none = { status2xx: 0, status3xx: 0, status4xx: 0, connectionFailures: 0, cut: 0 };
  return {
    ...none,
    requests,
    status5xx: serviceErrors + routerErrors,
    routerErrors,
    broken,
    aborted,
    streams,
    latencies,
    since: 1,
  };
}

const look = (counted: Counted, more: Partial<Look> = {}): Look => ({
  instance: 'i',
  startedAt: iso(noon - 60_000),
  at: iso(noon),
  running: true,
  releases: { 'release/7': statsOf(counted) },
  ...more,
});
const known = (lookedAt: number | null, counted?: Counted, since = 1): Before => ({
  lookedAt,
  seen: new Map(counted === undefined ? [] : [[7, { since, counted }]]),
});
const sum = (steps: readonly { counted: Counted }[]): Counted => addedUp(steps.map(({ counted }) => counted));

test('counts of the router are told apart by whose errors they are', () => {
  const stats = { ...statsOf(addedUp([])), requests: 10, status5xx: 5, routerErrors: 2 };
  expect(countedOf(stats)).toMatchObject({ requests: 10, serviceErrors: 3, routerErrors: 2 });
});

describe('what is added to the series', () => {
  test('is what was not seen before, in the step of now', () => {
    fc.assert(
      fc.property(anyCounted, anyCounted, (then, more) => {
        const now = addedUp([then, more]);
        const { steps, seen } = collect(look(now), known(noon + 1_000, then), noon + 3_000);
        expect(sum(steps)).toEqual(more);
        expect(steps.every(({ at, release }) => at === noon && release === 7)).toBe(true);
        expect(seen.every(({ counted }) => JSON.stringify(counted) === JSON.stringify(now))).toBe(true);
      }),
    );
  });

  test('is never less than nothing and never twice, in whatever order looks come', () => {
    fc.assert(
      fc.property(
        fc.array(anyCounted, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (parts, chance) => {
          const looks = parts.map((_, index) => addedUp(parts.slice(0, index + 1)));
          const order = looks.map((each) => [chance.next().value, each] as const).sort(([a], [b]) => a - b);
          let seenSoFar: Counted | undefined;
          const added: Counted[] = [];
          for (const [, each] of [...order, ...order]) {
            const { steps, seen } = collect(look(each), known(noon, seenSoFar), noon + 2_000);
            added.push(...steps.map(({ counted }) => counted));
            seenSoFar = seen[0]?.counted ?? seenSoFar;
          }
          expect(addedUp(added)).toEqual(looks.at(-1));
        },
      ),
    );
  });

  test('of a start that ended is what it had saved beyond what was seen, until it ended', () => {
    const counted = addedUp([{ ...addedUp([]), requests: 30 }]);
    const ended = look(counted, { running: false, at: iso(noon - 25_000) });
    const { steps } = collect(ended, known(noon - 27_000, { ...counted, requests: 20 }), noon);
    expect(steps).toMatchObject([{ at: noon - 30_000, until: noon - 25_000, counted: { requests: 10 } }]);
    expect(collect(ended, known(noon - 27_000, { ...counted, requests: 31 }), noon).steps).toEqual([]);
  });

  test('is shared out over the time in which nobody looked, since the start of the router at most', () => {
    const counted = { ...addedUp([]), requests: 1_000 };
    const { steps } = collect(look(counted, { startedAt: iso(noon - 95_000) }), known(null), noon);
    expect(steps.map(({ at }) => at)).toEqual(
      Array.from({ length: 11 }, (_, index) => noon - 100_000 + index * stepMs),
    );
    expect(steps.every(({ counted: { requests } }) => requests === 90 || requests === 91)).toBe(true);
    expect(sum(steps).requests).toBe(1_000);
  });

  test('is all there, whatever the clocks say', () => {
    fc.assert(
      fc.property(
        anyCounted,
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.integer({ min: -1e9, max: 1e9 }),
        (counted, a, b) => {
          const { steps } = collect(look(counted, { startedAt: iso(noon + a) }), known(noon + b), noon);
          expect(sum(steps)).toEqual(counted);
          for (const { at, until } of steps) {
            expect(at % stepMs).toBe(0);
            expect(until).toBeGreaterThanOrEqual(at);
            expect(until).toBeLessThanOrEqual(noon);
            expect(at).toBeGreaterThan(noon - fineMs - stepMs);
          }
        },
      ),
    );
  });

  test('begins anew with a release that the router had forgotten, and is not led back by who looked before', () => {
    const counted = { ...addedUp([]), requests: 5 };
    const more = { ...addedUp([]), requests: 100 };
    const { steps, seen } = collect(look(counted), known(noon, more, 0), noon);
    expect(sum(steps).requests).toBe(5);
    expect(seen).toMatchObject([{ since: 1, counted: { requests: 5 } }]);
    expect(collect(look(more), known(noon, counted, 2), noon)).toEqual({ steps: [], seen: [] });
  });

  test('knows nothing of what is no release', () => {
    const { releases } = look({ ...addedUp([]), requests: 1 });
    expect(
      collect(
        look(addedUp([]), { releases: { server: releases['release/7'] ?? statsOf(addedUp([])) } }),
        known(null),
        noon,
      ),
    ).toEqual({ steps: [], seen: [] });
  });
});

describe('counts', () => {
  test('add up to the whole again, by difference or by shares', () => {
    fc.assert(
      fc.property(anyCounted, anyCounted, fc.integer({ min: 1, max: 30 }), (a, b, parts) => {
        expect(addedUp([a, countedSince(a, addedUp([a, b]))])).toEqual(addedUp([a, b]));
        expect(addedUp(shares(a, parts))).toEqual(a);
        expect(further(a, addedUp([a, b]))).toEqual(addedUp([a, b]));
        expect(further(addedUp([a, b]), a)).toEqual(addedUp([a, b]));
      }),
    );
  });
});
