import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, frame } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** The file of a line `FAIL src/cart.test.js (5.2 s)`, with the name of its project before it or not. */
const fileLine = /^ ?(?:PASS|FAIL) (?:.* )?(\S+\.[cm]?[jt]sx?)(?: \([\d.]+ m?s\))?$/;
const suiteFailed = 'Test suite failed to run';

/** Reads the summary of Jest. A file that does not load counts as one failure. */
export class JestReader implements LineReader {
  #failures = new Failures();
  #told = new Set<string>();
  #file: string | null = null;
  #title: string | null = null;
  #block = new Block();
  /** Single results, for an output without an end. */
  #seen = new Counts();
  #suites = 0;

  line(text: string): TestReport | null {
    const file = fileLine.exec(text)?.[1];
    const title = /^ {2}● (\S.*)$/.exec(text)?.[1];
    const tests = /^Tests: +(.*), \d+ total$/.exec(text)?.[1];
    if (file !== undefined) {
      this.#close();
      this.#file = file;
    } else if (title !== undefined && this.#file !== null) {
      this.#close();
      // What is printed is no failure, nor what is printed too late.
      if (!/^(?:Console$|Cannot log after )/.test(title)) this.#title = title;
    } else if (/^(?:Test Suites: |Summary of all failing tests)/.test(text)) this.#close();
    else if (tests !== undefined || /^Tests: +0 total$/.test(text)) return this.#whole(tests ?? '');
    else if (this.#title !== null) this.#block.add(text);
    else if (this.#file !== null)
      this.#seen.add(/^ +(?:(✓)|[○✎] (skipped|todo)) \S/.exec(text)?.slice(1).join('') ?? '');
    return null;
  }

  end(): TestReport | null {
    this.#close();
    const { passed, failed, skipped, all } = this.#seen;
    const failures = this.#failures.items;
    this.#forget();
    return all === 0 ? null : report('jest', { passed, failed, skipped, failures, incomplete: true });
  }

  #whole(tests: string): TestReport {
    const counts = new Counts();
    counts.add('failed', this.#suites);
    for (const part of tests.split(', ')) counts.addTold(part);
    const failures = this.#failures.items;
    this.#forget();
    const { passed, failed, skipped } = counts;
    return report('jest', { passed, failed, skipped, failures });
  }

  #close(): void {
    const title = this.#title;
    this.#title = null;
    const { lines } = this.#block;
    this.#block = new Block();
    if (title === null || this.#file === null) return;
    // After many files Jest prints all failures once more.
    const key = `${this.#file}\n${title}`;
    if (this.#told.has(key)) return;
    if (this.#told.size < 1_000) this.#told.add(key);
    if (title === suiteFailed) this.#suites += 1;
    this.#seen.add('failed');
    const name = title === suiteFailed ? this.#file : title;
    const places = lines.map(frame).filter((place) => place !== null);
    this.#failures.add(name, messageOf(lines), best(places, this.#file) ?? this.#file);
  }

  #forget(): void {
    this.#failures = new Failures();
    this.#told = new Set();
    this.#file = null;
    this.#seen = new Counts();
    this.#suites = 0;
  }
}

/** Up to the excerpt of the code or the stack. */
function messageOf(lines: readonly string[]): string {
  const until = lines.findIndex((line) => /^ *>? *\d+ \|/.test(line) || /^ {6,}at \S/.test(line));
  return dedent(until < 0 ? lines : lines.slice(0, until));
}
