import semver from 'semver';

/** Longer texts are no versions that anybody wrote. */
export const longest = 256;

/** `go1.22`, `cpython-3.12`, `temurin-21`; not `pypy3.9`, which is another thing. */
const shape =
  /^(?:v|go|node|bun|python|cpython|ruby|php|java|jdk|openjdk|adoptopenjdk|temurin|zulu|corretto|liberica|oracle)?[-_@]?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(.{0,60})$/is;
/** What marks a version that comes before the release: `3.14.0rc1`, `1.97.0-nightly`, `23-ea`. */
const before = /^[-._]?(alpha|beta|rc|pre|preview|nightly|canary|dev|ea|a|b|c)(?![a-z])[-.]?(\d{1,9})?/i;

/** The numbers of a version as it is written, one to three, and its mark of an unfinished one; null where there are none. */
export function partsOf(name: string, text: string): { numbers: number[]; mark: string | null } | null {
  const [, major, minor, patch, tail = ''] = shape.exec(text.trim()) ?? [];
  if (major === undefined) return null;
  const written = [major, minor, patch].flatMap((each) => (each === undefined ? [] : [Number(each)]));
  // Java 8 and before called itself 1.8.
  const numbers = name === 'java' && written[0] === 1 && written.length > 1 ? written.slice(1) : written;
  const [, word, count] = before.exec(tail) ?? [];
  return { numbers, mark: word === undefined ? null : `-${word.toLowerCase()}.${Number(count ?? 0)}` };
}

/** A toolchain's own word for its version in the form that can be compared: `go1.22` as 1.22.0, Java's `1.8.0_392` as 8.0.0. */
export function comparable(name: string, text: string): string | null {
  const parts = partsOf(name, text.slice(0, longest));
  if (parts === null) return null;
  const [major = 0, minor = 0, patch = 0] = parts.numbers;
  return `${major}.${minor}.${patch}${parts.mark ?? ''}`;
}

/** Sorts the newest first; what has no version last. */
export function newestFirst(name: string): (a: { version: string }, b: { version: string }) => number {
  return (a, b) => {
    const [left, right] = [comparable(name, a.version), comparable(name, b.version)];
    return left === null || right === null
      ? Number(left === null) - Number(right === null)
      : semver.rcompare(left, right);
  };
}
