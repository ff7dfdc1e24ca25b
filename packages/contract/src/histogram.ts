/**
 * The buckets that latencies are counted in, the same everywhere, so that histograms of any time, release and router can be added up.
 * Log-linear, after HdrHistogram (http://hdrhistogram.org): 32 buckets for each doubling of the time, from 1 ms to 70 minutes, and 64 equal
 * ones below. A bucket's value (`bucketMs`) is at most 1.6 % away from any time counted in it; below 0.5 ms, at most 8 µs.
 */

/** Time is counted in units of 1/64 ms. */
const unitsPerMs = 64;
/** log2 of the buckets of one doubling. */
const precision = 5;
const perDoubling = 2 ** precision;
/** Up to here each unit has a bucket of its own. */
const linear = 2 * perDoubling;
const longest = 2 ** 28 - 1;

/** The number of the bucket for a time in ms; less than `buckets`. What is longer than 70 minutes is counted as that. */
export function bucketOf(ms: number): number {
  const units = ms * unitsPerMs;
  if (!(units > 0)) return 0;
  const whole = units > longest ? longest : units | 0;
  if (whole < linear) return whole;
  const shift = 31 - precision - Math.clz32(whole);
  return shift * perDoubling + (whole >> shift);
}

export const buckets = bucketOf(Number.POSITIVE_INFINITY) + 1;

/** Where a bucket begins, in ms; it ends where the next one begins. */
export function bucketFloorMs(bucket: number): number {
  if (bucket < linear) return bucket / unitsPerMs;
  const shift = Math.floor(bucket / perDoubling) - 1;
  return ((bucket - shift * perDoubling) * 2 ** shift) / unitsPerMs;
}

/** The time in ms that stands for all times of a bucket: relatively as far from its beginning as from its end. */
export function bucketMs(bucket: number): number {
  const [from, to] = [bucketFloorMs(bucket), bucketFloorMs(bucket + 1)];
  return (2 * from * to) / (from + to) || to / 2;
}
