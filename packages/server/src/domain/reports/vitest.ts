import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { best, placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** The names under which one error is told, and what is told of it. */
interface Told {
  readonly names: string[];
  readonly message: Block;
  readonly places: string[];
  inMessage: boolean;
}

/** What a run of Vitest printed so far. */
class Run {
  readonly #failures = new Failures();
  /** Of the lines of files as they end, and of single tests (the verbose reporter): counts for an output without an end. */
  readonly #files = new Counts();
  readonly #singles = new Counts();
  #suites = 0;
  #errors = 0;
  #section = '';
  #told: Told | null = null;
  #total: Counts | null = null;
  #ended = false;

  /** Whether the run ends with this line. */
  line(text: string): boolean {
    if (this.#total !== null) {
      const errors = /^ +Errors {2}(\d{1,9}) error/.exec(text)?.[1];
      if (errors !== undefined) this.#errors = Number(errors);
      this.#ended = /^ +Duration {2}/.test(text);
      return this.#ended;
    }
    const tests = /^ +Tests {2}([^(]*)/.exec(text)?.[1];
    if (tests !== undefined) this.#total = countsOf(tests);
    else if (text.startsWith('⎯')) this.#rule(text);
    else if (this.#section === '') this.#live(text);
    else this.#detail(text);
    return false;
  }

  report(): TestReport | null {
    this.#close();
    const { passed, failed, skipped } = this.#total ?? (this.#files.all > 0 ? this.#files : this.#singles);
    const incomplete = !this.#ended;
    if (incomplete && passed + failed + skipped === 0) return null;
    const failures = this.#failures.items;
    return report('vitest', { passed, failed: failed + this.#suites + this.#errors, skipped, failures, incomplete });
  }

  /** A line of `⎯`: it divides errors, and may say what comes. */
  #rule(text: string): void {
    const title = text.replaceAll('⎯', '').trim();
    if (title === '') {
      if (this.#told !== null) this.#told.inMessage = false;
      return;
    }
    this.#close();
    const [, kind, count] = /^(Failed Suites|Failed Tests|Unhandled Errors?)(?: (\d{1,9}))?$/.exec(title) ?? [];
    if (kind !== undefined) this.#section = kind;
    if (kind === 'Failed Suites') this.#suites = Number(count ?? 0);
    if (kind === undefined && title.startsWith('Unhandled ')) this.#open().names.push(title);
  }

  #live(text: string): void {
    const of = /^ [✓❯↓] .*\((\d{1,9}) tests?((?: \| \d+ \w+)*)\)/.exec(text);
    if (of) {
      const counts = countsOf(of[2] ?? '');
      this.#files.add('failed', counts.failed);
      this.#files.add('skipped', counts.skipped);
      this.#files.add('passed', Math.max(0, Number(of[1]) - counts.failed - counts.skipped));
      return;
    }
    // Told below its file, and not run when another test ended the run.
    if (/^ {3,}· \S/.test(text) && this.#files.passed > 0) this.#files.passed -= 1;
    this.#singles.add(/^ ([✓×↓□]) .* > /.exec(text)?.[1] ?? '');
  }

  #detail(text: string): void {
    const failed = /^ FAIL +(\S.*)$/.exec(text)?.[1];
    if (failed !== undefined) {
      const open = this.#told !== null && this.#told.message.lines.length === 0 ? this.#told : this.#open();
      open.names.push(failed);
    } else if (this.#told !== null) {
      const place = /^ ❯ (?:.* )?(\S+)$/.exec(text)?.[1];
      if (place !== undefined) {
        this.#told.inMessage = false;
        const at = placeOf(place);
        if (at !== null && this.#told.places.length < 20) this.#told.places.push(at);
      } else if (this.#told.inMessage) this.#told.message.add(text);
    }
  }

  #open(): Told {
    this.#close();
    this.#told = { names: [], message: new Block(), places: [], inMessage: true };
    return this.#told;
  }

  #close(): void {
    if (this.#told === null) return;
    const { names, message, places } = this.#told;
    for (const told of names) {
      const { file, name } = partsOf(told);
      this.#failures.add(name, dedent(message.lines), best(places, file) ?? file);
    }
    this.#told = null;
  }
}

/** Counts of `3 failed | 2 passed | 1 todo`. */
function countsOf(told: string): Counts {
  const counts = new Counts();
  for (const part of told.split('|')) counts.addTold(part);
  return counts;
}

/** `|unit| src/cart.test.ts > cart > adds` and `src/broken.test.ts [ src/broken.test.ts ]`, taken apart. */
function partsOf(told: string): { file: string | null; name: string } {
  if (told.startsWith('Unhandled ')) return { file: null, name: told };
  const [first = '', ...names] = told.split(' > ');
  // In colours a project's name has spaces around it instead of bars.
  const file = (first.split(' [ ')[0] ?? '').replace(/^\|[^|]*\| /, '').replace(/^.* {2}/, '');
  return { file, name: names.join(' › ') || file };
}

/** Reads the summary of Vitest 1 to 5, whichever of its reporters for people printed it. */
export class VitestReader implements LineReader {
  #run: Run | null = null;

  line(text: string): TestReport | null {
    if (/^ ?RUN +v\d+\.\d+/.test(text)) {
      const cut = this.end();
      this.#run = new Run();
      return cut;
    }
    return this.#run?.line(text) ? this.end() : null;
  }

  end(): TestReport | null {
    const told = this.#run?.report() ?? null;
    this.#run = null;
    return told;
  }
}
