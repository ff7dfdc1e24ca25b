import { Counts } from './counts.ts';
import { Block, dedent } from './lines.ts';
import { placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** The line that ends a package: `ok  <tab>shop/cart<tab>0.1s`, `FAIL<tab>shop/cart<tab>0.1s`, `FAIL<tab>shop/cart [build failed]`. */
export interface PackageEnd {
  readonly name: string;
  readonly ok: boolean;
  readonly rest: string;
}

export function packageEnd(line: string): PackageEnd | null {
  const [, word, name, rest] = /^(ok {2}|FAIL)\t(\S+)(.*)$/.exec(line) ?? [];
  return name === undefined ? null : { name, ok: word !== 'FAIL', rest: rest ?? '' };
}

/** No package has more tests with subtests, or more tests at work at once; beyond it they are not told apart. */
const most = 10_000;

/** One package of `go test`, from its lines. Tests with subtests are not counted themselves, unless they fail on their own. */
export class GoPackage {
  readonly #counts = new Counts();
  /** Tests that failed and have no subtest that failed. */
  readonly #failed = new Set<string>();
  #forgotten = 0;
  readonly #parents = new Set<string>();
  readonly #parentsFailed = new Set<string>();
  /** What tests said, by name. */
  readonly #said = new Map<string, Block>();
  #test: string | null = null;
  /** The last lines that belong to no test: why a program ended, when it says so itself. */
  readonly #loose: string[] = [];
  #panic: Block | null = null;

  line(text: string, test?: string): void {
    const [, state, running = ''] = /^=== (RUN|PAUSE|CONT|NAME) +(\S*)$/.exec(text) ?? [];
    const [, result, name] = /^ *--- (PASS|FAIL|SKIP): (\S+) \(\d+\.\d+s\)$/.exec(text) ?? [];
    if (test !== undefined) this.#test = test;
    if (state !== undefined) {
      this.#test = state === 'PAUSE' || running === '' ? null : running;
      if (state === 'RUN') for (const parent of above(running)) keep(this.#parents, parent);
    } else if (result !== undefined && name !== undefined) this.#result(name, result);
    else if (/^(?:panic: |fatal error: )/.test(text)) {
      this.#panic ??= new Block();
      this.#panic.add(text);
    } else if (this.#panic !== null) this.#panic.add(text);
    else if (/^(?:PASS|FAIL|exit status \d+)?$/.test(text)) this.#test = null;
    else if (this.#test !== null && (test !== undefined || /^ {4}/.test(text) || isExample(this.#test))) {
      this.#sayer(this.#test)?.add(text);
    } else if (this.#loose.push(text) > 10) this.#loose.shift();
  }

  /** The report, when the package has ended. `build` is what the compiler said of it. */
  end({ name, ok, rest }: PackageEnd, build: readonly string[]): TestReport {
    const failures = new Failures();
    const folder = name.slice(name.lastIndexOf('/') + 1);
    const panic = this.#panic?.lines ?? [];
    for (const test of this.#failed) {
      const said = this.#told(test);
      const lines = said.length > 0 ? said : panic;
      failures.add([folder, ...test.split('/')].join(' › '), messageOf(lines), placeIn(lines));
    }
    let failed = this.#failed.size + this.#forgotten;
    if (!ok && failed === 0) {
      failed = 1;
      const lines = [build, panic].find((some) => some.length > 0) ?? this.#loose;
      failures.add(name, messageOf(lines) || (/\[(.*)\]/.exec(rest)?.[1] ?? ''), placeIn(lines));
    }
    const { passed, skipped } = this.#counts;
    const packages = ok && passed + skipped === 0 && !rest.includes('[no tests to run]') ? 1 : 0;
    return report('go test', { passed, failed, skipped, packages, failures: failures.items });
  }

  /** The report, when the output ended before the package; null when no result was seen. */
  cut(): TestReport | null {
    const { passed, skipped } = this.#counts;
    const failed = this.#failed.size + this.#forgotten;
    if (passed + skipped + failed === 0) return null;
    const failures = new Failures();
    for (const test of this.#failed) {
      failures.add(test.split('/').join(' › '), messageOf(this.#told(test)), placeIn(this.#told(test)));
    }
    return report('go test', { passed, failed, skipped, failures: failures.items, incomplete: true });
  }

  #result(name: string, result: string): void {
    for (const parent of above(name)) {
      keep(this.#parents, parent);
      if (result !== 'FAIL') continue;
      keep(this.#parentsFailed, parent);
      // Plain output tells a test before its subtests.
      this.#failed.delete(parent);
    }
    this.#test = result === 'FAIL' ? name : null;
    if (result !== 'FAIL') {
      this.#said.delete(name);
      if (!this.#parents.has(name)) this.#counts.add(result);
    } else if (!this.#parentsFailed.has(name)) {
      if (this.#failed.size < most) this.#failed.add(name);
      else this.#forgotten += 1;
    }
  }

  #sayer(name: string): Block | null {
    const known = this.#said.get(name);
    if (known !== undefined || this.#said.size >= 1_000) return known ?? null;
    const block = new Block();
    this.#said.set(name, block);
    return block;
  }

  /** What a test said by its log; what it printed is not told apart when none of it has a place. */
  #told(name: string): readonly string[] {
    const lines = this.#said.get(name)?.lines ?? [];
    if (isExample(name)) return lines;
    const first = lines.findIndex((line) => logged.test(line));
    return first < 0 ? [] : lines.slice(first).filter((line) => /^ {4}/.test(line));
  }
}

/** An example has no log: what is told of it is what it printed, and what it should have. */
const isExample = (name: string): boolean => name.startsWith('Example');

const logged = /^ {4,}\S+\.go:\d+: /;

function keep(names: Set<string>, name: string): void {
  if (names.size < most) names.add(name);
}

/** `A` and `A/b` of `A/b/c`. */
function above(name: string): string[] {
  const parts = name.split('/').slice(0, 20);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Without the places before them, and of a panic only what it says. */
function messageOf(lines: readonly string[]): string {
  const stack = lines.findIndex((line) => /^goroutine \d+ \[/.test(line));
  const said = dedent(stack < 0 ? lines : lines.slice(0, stack));
  return said
    .split('\n')
    .map((line) => line.replace(/^\S+\.go:\d+(?::\d+)?: /, ''))
    .join('\n');
}

/** Where the message says, or the first frame in a test file, or in a file that is not Go's own. */
function placeIn(lines: readonly string[]): string | null {
  const told = lines
    .map((line) => placeOf(/^\s*(\S+\.go:\d+)(?::\d+)?: /.exec(line)?.[1] ?? ''))
    .find((at) => at !== null);
  if (told) return told;
  const frames = lines.map((line) => placeOf(/^\t(\S+\.go:\d+)/.exec(line)?.[1] ?? '')).filter((at) => at !== null);
  return (
    frames.find((at) => at.includes('_test.go:')) ??
    frames.find((at) => !/\/src\/(?:runtime|testing)\//.test(at)) ??
    null
  );
}
