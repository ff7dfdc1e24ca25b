import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, fileOf, frame, placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** A test as it is reported: `  ✖ adds an item (1.98ms) # TODO`. Node measures in fractions of a millisecond. */
const result = /^( *)([✔✖﹣⚠]) (.*) \(\d+\.\d+ms\)(?: #.*)?$/;

/** Reads the `spec` reporter of `node --test`. */
export class NodeReader implements LineReader {
  #seen = new Counts();
  #total = new Counts();
  /** The totals are whole: `duration_ms` is the last of them. */
  #whole = false;
  /** Names of the suites that are open, by depth. */
  #suites: string[] = [];
  /** Names of the tests that failed, whole: the list of failures at the end has only their last parts. */
  #failed: string[] = [];
  #failures = new Failures();
  #listing = false;
  #dots = false;
  #at: string | null = null;
  #told: { name: string; at: string | null; block: Block } | null = null;

  line(text: string): TestReport | null {
    const [, word = '', count = ''] = /^ℹ (\w+) (\d{1,9})(?:\.\d+)?$/.exec(text) ?? [];
    // Another run begins with its first test; what is told of failures lies further in.
    const before = this.#whole && (word === 'tests' || /^[▶✔] /.test(text)) ? this.end() : null;
    if (word === 'duration_ms') this.#whole = true;
    else if (word !== '') this.#total.add(word, Number(count));
    else if (!this.#whole) this.#live(text);
    else if (text === '✖ failing tests:') this.#listing = true;
    else if (this.#listing) this.#detail(text);
    return before;
  }

  end(): TestReport | null {
    this.#close();
    const incomplete = !this.#whole;
    const { passed, failed, skipped } = incomplete ? this.#seen : this.#total;
    if (incomplete) for (const name of this.#failed) this.#failures.add(name, '', null);
    const failures = this.#failures.items;
    this.#forget();
    if (incomplete && passed + failed + skipped === 0) return null;
    return report('node', { passed, failed, skipped, failures, incomplete });
  }

  #live(text: string): void {
    // The `dot` reporter lists failures, and never says how many tests there are.
    if (text === 'Failed tests:') this.#dots = true;
    if (this.#dots) return;
    const [, suiteIndent = '', suite] = /^( *)▶ (.*)$/.exec(text) ?? [];
    if (suite !== undefined) {
      this.#suites.length = Math.min(this.#suites.length, Math.floor(suiteIndent.length / 2));
      if (this.#suites.length < 20) this.#suites.push(suite);
      return;
    }
    const [, indent = '', mark = '', name = ''] = result.exec(text) ?? [];
    if (mark === '') return;
    const depth = Math.floor(indent.length / 2);
    const ends = this.#suites[depth] === name;
    this.#suites.length = Math.min(this.#suites.length, depth);
    // A suite that ends is told like a test; its tests were counted.
    if (ends) return;
    this.#seen.add(mark);
    if (mark === '✖' && this.#failed.length < 1_000) this.#failed.push([...this.#suites, name].join(' › '));
  }

  #detail(text: string): void {
    const at = /^test at (.*)$/.exec(text)?.[1];
    if (at !== undefined) {
      this.#close();
      this.#at = placeOf(at);
      return;
    }
    const [, , mark, name = ''] = this.#told === null ? (result.exec(text) ?? []) : [];
    if (mark === '✖') this.#told = { name, at: this.#at, block: new Block() };
    else this.#told?.block.add(text);
  }

  #close(): void {
    const told = this.#told;
    this.#told = null;
    if (told === null || this.#failures.full) return;
    const { lines } = told.block;
    const stack = lines.findIndex((line) => /^ +at \S/.test(line));
    const places = lines.map(frame).filter((place) => place !== null);
    const file = told.at === null ? null : fileOf(told.at);
    const thrown = places.length === 0 ? null : best(places, file);
    // The stack has the file's whole path; the tool's own words are shorter.
    const line =
      thrown !== null && file !== null && thrown.includes(`${file}:`) ? thrown.slice(thrown.lastIndexOf(':')) : null;
    this.#failures.add(
      this.#wholeName(told.name),
      dedent(stack < 0 ? lines : lines.slice(0, stack)),
      line === null || file === null ? (told.at ?? thrown) : `${file}${line}`,
    );
  }

  /** Failures are listed in the order in which they were reported. */
  #wholeName(name: string): string {
    const index = this.#failed.findIndex((whole) => whole === name || whole.endsWith(` › ${name}`));
    return index < 0 ? name : (this.#failed.splice(index, 1)[0] ?? name);
  }

  #forget(): void {
    this.#seen = new Counts();
    this.#total = new Counts();
    this.#whole = false;
    this.#suites = [];
    this.#failed = [];
    this.#failures = new Failures();
    this.#listing = false;
    this.#dots = false;
    this.#at = null;
  }
}
