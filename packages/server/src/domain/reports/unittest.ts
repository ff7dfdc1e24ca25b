import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

interface Told {
  readonly kind: string;
  readonly title: string;
  readonly block: Block;
}

/** Reads what Python's unittest prints at its end: `Ran 7 tests in 0.1s`, and `FAILED (failures=3, skipped=1)`. */
export class UnittestReader implements LineReader {
  /** Of single tests, as `-v` tells them. */
  #seen = new Counts();
  #failures = new Failures();
  /** Tests that were told; a test whose subtests fail is told once for each of them. */
  #tests = new Set<string>();
  #again = 0;
  #told: Told | null = null;
  #afterRule = false;
  #ran: number | null = null;

  line(text: string): TestReport | null {
    const ran = /^Ran (\d{1,9}) tests? in [\d.]+s$/.exec(text)?.[1];
    const result = /^(?:OK|FAILED|NO TESTS RAN)(?: \(([^()]*)\))?$/.exec(text);
    const [, kind, title] = (this.#afterRule && /^(FAIL|ERROR|UNEXPECTED SUCCESS): (\S.*)$/.exec(text)) || [];
    this.#afterRule = /^={70}$/.test(text);
    if (ran !== undefined) {
      this.#close();
      this.#ran = Number(ran);
    } else if (this.#ran !== null && result) return this.#whole(this.#ran, result[1] ?? '');
    else if (this.#afterRule) this.#close();
    else if (kind !== undefined && title !== undefined) this.#told = { kind, title, block: new Block() };
    else if (this.#told !== null) this.#told.block.add(text);
    else this.#seen.add(/^\w+ \([\w.]+\).* \.\.\. (ok|FAIL|ERROR|skipped|expected failure)\b/.exec(text)?.[1] ?? '');
    return null;
  }

  end(): TestReport | null {
    this.#close();
    const { passed, failed, skipped, all } = this.#seen;
    const failures = this.#failures.items;
    this.#forget();
    return all === 0 ? null : report('unittest', { passed, failed, skipped, failures, incomplete: true });
  }

  #whole(ran: number, told: string): TestReport {
    const counts = new Counts();
    for (const part of told.split(', ')) {
      const [word = '', count = ''] = part.split('=');
      if (/^\d{1,9}$/.test(count)) counts.add(word, Number(count));
    }
    const passed = Math.max(0, ran - counts.skipped - (counts.failed - this.#again));
    const failures = this.#failures.items;
    this.#forget();
    return report('unittest', { passed, failed: counts.failed, skipped: counts.skipped, failures });
  }

  #close(): void {
    const told = this.#told;
    this.#told = null;
    if (told === null) return;
    const [, test = told.title, where = '', subtest = ''] = /^(\w+) \(([\w.]+)\)(.*)$/.exec(told.title) ?? [];
    const key = `${test} ${where}`;
    if (this.#tests.has(key)) this.#again += 1;
    else if (this.#tests.size < 10_000) this.#tests.add(key);
    // The class is the last part before 3.11, the last but one since.
    const path = where.split('.');
    const suite = path.at(-1) === test ? path.at(-2) : path.at(-1);
    const name = suite === undefined || suite === '' || suite === '_FailedTest' ? test : `${suite} › ${test}`;
    const { lines } = told.block;
    const last = lines.findLastIndex((line) => /^ {2}File "/.test(line));
    const quoted = lines.slice(last + 1).filter((line) => !/^-{70}$/.test(line));
    const said = quoted.slice(
      Math.max(
        0,
        quoted.findIndex((line) => !line.startsWith('    ')),
      ),
    );
    this.#failures.add(
      `${name}${subtest}`,
      dedent(said),
      best(
        lines
          .map(place)
          .filter((one) => one !== null)
          .toReversed(),
      ),
    );
  }

  #forget(): void {
    this.#seen = new Counts();
    this.#failures = new Failures();
    this.#tests = new Set();
    this.#again = 0;
    this.#ran = null;
  }
}

/** The place of a traceback's line `  File "/srv/shop/test_cart.py", line 10, in test_adds`. */
function place(line: string): string | null {
  const [, file, number] = /^ {2}File "([^"]*)", line (\d+)/.exec(line) ?? [];
  return file === undefined || file.startsWith('<') ? null : `${file}:${number}`;
}
