type Kind = 'passed' | 'failed' | 'skipped';

/** What the tools call the three things that can become of a test. */
const kinds: ReadonlyMap<string, Kind> = new Map([
  ...['pass', 'passed', 'passing', 'xpassed', 'ok', 'PASS', 'PASSED', 'XPASS', '✓', '✔'].map(
    (word) => [word, 'passed'] as const,
  ),
  ...['fail', 'failed', 'failing', 'failures', 'error', 'errors', 'cancelled', 'unexpected successes'].map(
    (word) => [word, 'failed'] as const,
  ),
  ...['FAIL', 'FAILED', 'ERROR', '×', '✖'].map((word) => [word, 'failed'] as const),
  ...['skip', 'skipped', 'todo', 'pending', 'ignored', 'xfailed', 'expected failure', 'expected failures'].map(
    (word) => [word, 'skipped'] as const,
  ),
  ...['SKIP', 'SKIPPED', 'XFAIL', '↓', '□', '﹣', '⚠'].map((word) => [word, 'skipped'] as const),
]);

/** How many tests came to what. */
export class Counts {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** Counts tests by the tool's word for what became of them; false for a word that tells of something else. */
  add(word: string, count = 1): boolean {
    const kind = kinds.get(word);
    if (kind !== undefined) this[kind] += count;
    return kind !== undefined;
  }

  /** Counts what is told as `2 failed`. */
  addTold(told: string): boolean {
    const [, count, word = ''] = /^(\d{1,9}) (\S.*)$/.exec(told.trim()) ?? [];
    return count !== undefined && this.add(word, Number(count));
  }

  get all(): number {
    return this.passed + this.failed + this.skipped;
  }
}
