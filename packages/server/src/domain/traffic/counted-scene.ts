import { bucketOf } from '@towpath/contract/histogram';
import fc from 'fast-check';
import type { Counted } from './counted.ts';
import { merged } from './latencies.ts';

/** Times in ms, as answers take them. */
export const times = fc.array(fc.double({ min: 0, max: 120_000, noNaN: true }), { maxLength: 60 });

export const latenciesOf = (ms: readonly number[]) => merged(ms.map((each) => [bucketOf(each), 1]));

const count = fc.nat({ max: 1_000_000 });

export const anyCounted: fc.Arbitrary<Counted> = fc.record({
  requests: count,
  serviceErrors: count,
  routerErrors: count,
  broken: count,
  aborted: count,
  streams: count,
  latencies: times.map(latenciesOf),
});
