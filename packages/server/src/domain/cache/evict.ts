export interface KeptEntry {
  readonly name: string;
  readonly trusted: boolean;
  /** On the disk, spare copies included. */
  readonly bytes: number;
  /** In ms since 1970. */
  readonly usedAt: number;
}

export interface CacheBounds {
  readonly bytes: number;
  readonly idleMs: number;
}

/**
 * Names of the entries to remove: those that nobody used for so long, then as many as it takes to keep the size. Other branches' go before
 * trusted ones, so that nobody drives these out by filling the cache; among equals the least recently used goes first.
 */
export function toEvict(entries: readonly KeptEntry[], bounds: CacheBounds, now: number): string[] {
  const order = entries.toSorted((a, b) => Number(a.trusted) - Number(b.trusted) || a.usedAt - b.usedAt);
  const evicted = order.filter((each) => now - each.usedAt > bounds.idleMs);
  const kept = order.filter((each) => !evicted.includes(each));
  let bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
  for (const each of kept) {
    if (bytes <= bounds.bytes) break;
    evicted.push(each);
    bytes -= each.bytes;
  }
  return evicted.map((each) => each.name);
}
