import { bucketMs, buckets } from '@towpath/contract/histogram';
import type { Latencies } from '@towpath/contract/router';

/** Counts by bucket while they are added up. */
class Sum {
  readonly #counts = new Float64Array(buckets);

  /** A bucket that there is not counts as the last one: times of a version with more of them. */
  add(bucket: number, count: number): void {
    const at = bucket < buckets ? bucket : buckets - 1;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** By index, here and below: a board of a thousand services goes through millions of buckets. */
  get latencies(): Latencies {
    const all: number[] = [];
    for (let bucket = 0; bucket < buckets; bucket++) {
      const count = this.#counts[bucket] ?? 0;
      if (count > 0) all.push(bucket, count);
    }
    return all;
  }
}

function* pairs(latencies: Latencies): Generator<[bucket: number, count: number]> {
  for (let at = 0; at + 1 < latencies.length; at += 2) yield [latencies[at] ?? 0, latencies[at + 1] ?? 0];
}

/** All of them together, as if they had been counted in one place. */
export function merged(all: readonly Latencies[]): Latencies {
  const [only] = all;
  if (only !== undefined && all.length === 1) return only;
  const sum = new Sum();
  for (const each of all) for (let at = 0; at + 1 < each.length; at += 2) sum.add(each[at] ?? 0, each[at + 1] ?? 0);
  return sum.latencies;
}

export function counted(latencies: Latencies): number {
  let total = 0;
  for (let at = 1; at < latencies.length; at += 2) total += latencies[at] ?? 0;
  return total;
}

/**
 * The time in ms that this share of all did not exceed (nearest rank), as exact as the buckets are: 1.6 %. Null: nothing was counted.
 * Percentiles of several histograms are those of their sum; an average of percentiles means nothing.
 */
export function percentile(latencies: Latencies, share: number): number | null {
  let rest = Math.max(1, Math.ceil(share * counted(latencies)));
  for (let at = 0; at + 1 < latencies.length; at += 2) {
    rest -= latencies[at + 1] ?? 0;
    if (rest <= 0) return bucketMs(latencies[at] ?? 0);
  }
  return null;
}

/** Both sides by bucket. */
function combined(a: Latencies, b: Latencies, combine: (ofA: number, ofB: number) => number): Latencies {
  const left = new Map(pairs(a));
  const right = new Map(pairs(b));
  const sum = new Sum();
  for (const bucket of new Set([...left.keys(), ...right.keys()])) {
    sum.add(bucket, combine(left.get(bucket) ?? 0, right.get(bucket) ?? 0));
  }
  return sum.latencies;
}

/** What was counted after `before`; never less than nothing. */
export const latenciesSince = (before: Latencies, now: Latencies): Latencies =>
  combined(before, now, (ofBefore, ofNow) => Math.max(0, ofNow - ofBefore));

/** The further one of two looks at the same counts, bucket by bucket. */
export const furtherLatencies = (a: Latencies, b: Latencies): Latencies => combined(a, b, Math.max);

/** What falls to the part with this index when it is shared out evenly over so many: all parts together are the whole. */
export const shareOfLatencies = (latencies: Latencies, index: number, parts: number): Latencies =>
  [...pairs(latencies)].flatMap(([bucket, count]) => {
    const share = shareOf(count, index, parts);
    return share === 0 ? [] : [bucket, share];
  });

export const shareOf = (count: number, index: number, parts: number): number =>
  Math.floor((count * (index + 1)) / parts) - Math.floor((count * index) / parts);

/**
 * As few bytes: bucket, count, bucket, count … each as a varint (LEB128). Put one behind another they are the bytes of both together,
 * so that the database adds them up with `||`.
 */
export function packed(latencies: Latencies): Buffer {
  const bytes: number[] = [];
  for (const number of latencies) {
    let rest = number;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}

/** The reverse of `packed`; a bucket that comes several times is added up, an end that is cut off is left out. */
export function unpacked(bytes: Uint8Array): Latencies {
  const sum = new Sum();
  let bucket = -1;
  let value = 0;
  let scale = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 127) {
      value += (byte - 128) * scale;
      scale *= 128;
      continue;
    }
    const number = scale === 1 ? byte : value + byte * scale;
    if (bucket < 0) bucket = number;
    else {
      sum.add(bucket, number);
      bucket = -1;
    }
    value = 0;
    scale = 1;
  }
  return sum.latencies;
}
