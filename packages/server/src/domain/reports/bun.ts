import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, frame } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** What stands before a test's name, without colours and with them. */
const results: Readonly<Record<string, 'pass' | 'fail' | 'skip' | 'todo'>> = {
  ...{ '(pass)': 'pass', '(fail)': 'fail', '(skip)': 'skip', '(todo)': 'todo' },
  ...{ '✓': 'pass', '✗': 'fail', '»': 'skip', '✎': 'todo' },
};

const words: ReadonlySet<string> = new Set(Object.values(results));

/** Reads `bun test`: what is said of a failure stands before its name. A file that cannot be loaded counts as failed, as Bun itself counts it. */
export class BunReader implements LineReader {
  #started = false;
  #seen = new Counts();
  /** The lines `2 pass`, `1 fail` at the end. */
  #told = new Counts();
  #failures = new Failures();
  #block = new Block();
  #file = '';
  /** In the error of a file, between two lines of dashes: how many there were. */
  #dashes: number | null = null;

  line(text: string): TestReport | null {
    if (/^bun test v\d/.test(text)) {
      const before = this.end();
      this.#started = true;
      return before;
    }
    if (!this.#started) return null;
    if (/^Ran \d{1,9} tests? across \d{1,9} files?\./.test(text)) return this.#whole(false);
    const [, count, word = ''] = /^ {1,3}(\d{1,9}) (\S+)/.exec(text) ?? [];
    if (count !== undefined) {
      // `1 error` is among those that failed.
      if (words.has(word)) this.#told.add(word, Number(count));
    } else {
      this.#told = new Counts();
      this.#detail(text);
    }
    return null;
  }

  end(): TestReport | null {
    return this.#seen.all === 0 ? this.#forget() : this.#whole(true);
  }

  #detail(text: string): void {
    const [, mark = '', name = ''] = /^(\(\w{4}\)|[✓✗»✎]) (.*?)(?: \[[\d.]{1,20}m?s\])?$/.exec(text) ?? [];
    const result = Object.hasOwn(results, mark) ? results[mark] : undefined;
    if (result !== undefined) this.#close(result, name.replaceAll(' > ', ' › '));
    else if (text === '# Unhandled error between tests') {
      this.#block = new Block();
      this.#dashes = 0;
    } else if (this.#dashes !== null && /^-{20,}$/.test(text)) {
      this.#dashes += 1;
      if (this.#dashes === 2) this.#close('fail', this.#file);
    } else if (/^\S{1,300}\.[cm]?[jt]sx?:$/.test(text)) {
      this.#file = text.slice(0, -1);
      this.#block = new Block();
    } else this.#block.add(text);
  }

  #close(result: 'pass' | 'fail' | 'skip' | 'todo', name: string): void {
    const { lines } = this.#block;
    this.#block = new Block();
    this.#dashes = null;
    this.#seen.add(result);
    if (result !== 'fail') return;
    // The code is shown first, with a mark below the place.
    const said = lines.slice(lines.findLastIndex((line) => /^ *\^$/.test(line)) + 1);
    const stack = said.findIndex((line) => /^ {6,}at \S/.test(line));
    const message = dedent(stack < 0 ? said : said.slice(0, stack)).replace(/^error: /, '');
    const places = lines.map(frame).filter((place) => place !== null);
    this.#failures.add(name === '' ? this.#file : name, message, best(places, this.#file));
  }

  #whole(incomplete: boolean): TestReport {
    // With --bail only the tests themselves are told.
    const { passed, failed, skipped } = this.#told.all > 0 ? this.#told : this.#seen;
    const failures = this.#failures.items;
    this.#forget();
    return report('bun', { passed, failed, skipped, failures, incomplete });
  }

  #forget(): null {
    this.#started = false;
    this.#seen = new Counts();
    this.#told = new Counts();
    this.#failures = new Failures();
    this.#block = new Block();
    this.#file = '';
    this.#dashes = null;
    return null;
  }
}
