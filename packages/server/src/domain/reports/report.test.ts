import { describe, expect, it } from 'vitest';
import { Failures, report, sum, within } from './report.ts';

function failing(tool: string, count: number) {
  const failures = new Failures();
  for (let index = 1; index <= count; index += 1) failures.add(`${tool} ${index}`, 'no', `/srv/shop/src/a.ts:${index}`);
  return report(tool, { passed: 1, failed: count, skipped: 2, failures: failures.items });
}

describe('several reports', () => {
  it('are added up, and list the first failures', () => {
    const all = sum([failing('vitest', 30), failing('pytest', 40), failing('vitest', 1)]);
    expect(all).toMatchObject({ tool: 'vitest, pytest', passed: 3, failed: 71, skipped: 6, moreFailures: 21 });
    expect(all?.failures.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 30 }, (_, index) => `vitest ${index + 1}`),
      ...Array.from({ length: 20 }, (_, index) => `pytest ${index + 1}`),
    ]);
  });

  it('are incomplete when one of them is, and none when there are none', () => {
    const cut = report('jest', { passed: 0, failed: 0, skipped: 0, failures: [], incomplete: true });
    expect(sum([failing('vitest', 0), cut])?.incomplete).toBe(true);
    expect(sum([failing('vitest', 0)])).toEqual(failing('vitest', 0));
    expect(sum([])).toBeNull();
  });
});

describe('a report', () => {
  it('lists no more failures than the tool counted', () => {
    const { failures } = failing('jest', 3);
    expect(report('jest', { passed: 0, failed: 1, skipped: 0, failures })).toMatchObject({
      failures: [{ name: 'jest 1' }],
      moreFailures: 0,
    });
  });

  it('tells places from the folder of the service', () => {
    const places = (root: string) => within(root, failing('tap', 1)).failures.map(({ at }) => at);
    expect(places('/srv/shop')).toEqual(['src/a.ts:1']);
    expect(places('/srv/shop/')).toEqual(['src/a.ts:1']);
    expect(places('/srv/sho')).toEqual(['/srv/shop/src/a.ts:1']);
  });

  it('cuts names and messages, and no character in two', () => {
    const failures = new Failures();
    failures.add(`${'n'.repeat(298)}🛒🛒`, `${'m'.repeat(1_998)}🛒🛒`, null);
    expect(failures.items).toEqual([{ name: `${'n'.repeat(298)}…`, message: `${'m'.repeat(1_998)}…`, at: null }]);
  });
});
