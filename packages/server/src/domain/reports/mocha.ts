import { Block, dedent, type LineReader } from './lines.ts';
import { best, frame } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

type Kind = 'passing' | 'pending' | 'failing';

/** Reads the epilogue that Mocha's reporters for people share: `3 passing`, `1 failing`, and the failures after it. */
export class MochaReader implements LineReader {
  #counts: Record<Kind, number> | null = null;
  #failures = new Failures();
  #listed = 0;
  /** The title of the failure at hand, a suite a line, until one ends with a colon. */
  #titles: string[] | null = null;
  #name: string | null = null;
  #block = new Block();

  line(text: string): TestReport | null {
    const [, count = '', kind] = /^ {1,3}(\d{1,9}) (passing|pending|failing)(?: \(.*\))?$/.exec(text) ?? [];
    if (kind === 'passing') {
      const before = this.end();
      this.#counts = { passing: Number(count), pending: 0, failing: 0 };
      return before;
    }
    if (this.#counts === null) return null;
    if (kind === 'pending' || kind === 'failing') this.#counts[kind] = Number(count);
    else if (this.#listed < this.#counts.failing && text.startsWith(`  ${this.#listed + 1}) `)) {
      this.#close();
      this.#listed += 1;
      this.#title(text.slice(`  ${this.#listed}) `.length), []);
    } else if (this.#titles !== null) this.#title(text, this.#titles);
    else if (this.#name !== null) this.#block.add(text);
    return null;
  }

  end(): TestReport | null {
    this.#close();
    const counts = this.#counts;
    const failures = this.#failures.items;
    this.#counts = null;
    this.#failures = new Failures();
    this.#listed = 0;
    if (counts === null) return null;
    return report('mocha', { passed: counts.passing, failed: counts.failing, skipped: counts.pending, failures });
  }

  #title(text: string, before: readonly string[]): void {
    const titles = [...before, text.trim()];
    const whole = text.endsWith(':') || titles.length > 20;
    this.#titles = whole ? null : titles;
    if (whole) this.#name = titles.join(' › ').replace(/:$/, '');
  }

  #close(): void {
    const { lines } = this.#block;
    this.#block = new Block();
    const name = this.#name ?? this.#titles?.join(' › ') ?? null;
    this.#name = null;
    this.#titles = null;
    if (name === null) return;
    const stack = lines.findIndex((line) => /^ {6,}at \S/.test(line));
    const places = lines.map(frame).filter((place) => place !== null);
    const message = dedent((stack < 0 ? lines : lines.slice(0, stack)).map((line) => line.trim()));
    this.#failures.add(name, message, best(places));
  }
}
