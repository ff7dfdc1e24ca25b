import { z } from 'zod';
import { GoPackage, packageEnd } from './go-package.ts';
import { Block, type LineReader } from './lines.ts';
import { sum, type TestReport } from './report.ts';

/** What is read of an event of `go test -json`: one line of what the test's program printed. */
const Event = z.object({
  Action: z.string(),
  Package: z.string().optional(),
  ImportPath: z.string().optional(),
  Test: z.string().optional(),
  Output: z.string().optional(),
});

/** At most so many packages are told of at once: `go test -json` runs some side by side. */
const mostOpen = 200;

/** Reads `go test`, plain, with `-v` and with `-json`. Every package is a report of its own. */
export class GoReader implements LineReader {
  /** By name those of `-json`; under '' the one whose lines come plain. */
  #open = new Map<string, GoPackage>();
  /** What the compiler said of packages, by their names. */
  #builds = new Map<string, Block>();
  #build: Block | null = null;

  line(text: string): TestReport | null {
    if (!text.startsWith('{"')) return this.#text('', text);
    const event = parse(text);
    if (event?.Output === undefined) return null;
    const line = event.Output.replace(/\r?\n$/, '');
    if (event.Action === 'build-output') {
      this.#compiler(line);
      return null;
    }
    if (event.Action !== 'output' || event.Package === undefined) return null;
    return this.#text(event.Package, line, event.Test);
  }

  end(): TestReport | null {
    const left = [...this.#open.values()].map((one) => one.cut()).filter((one) => one !== null);
    this.#open = new Map();
    this.#builds = new Map();
    this.#build = null;
    return sum(left);
  }

  #text(key: string, line: string, test?: string): TestReport | null {
    const ended = packageEnd(line);
    if (ended === null) {
      if (!this.#compiler(line)) this.#of(key)?.line(line, test);
      return null;
    }
    const build = this.#builds.get(ended.name);
    this.#builds.delete(ended.name);
    this.#build = null;
    const whole = this.#of(key)?.end(ended, build?.lines ?? []) ?? null;
    this.#open.delete(key);
    return whole;
  }

  #of(key: string): GoPackage | null {
    const open = this.#open.get(key);
    if (open !== undefined || this.#open.size >= mostOpen) return open ?? null;
    const started = new GoPackage();
    this.#open.set(key, started);
    return started;
  }

  /** Whether the line belongs to what the compiler says: `# shop/cart [shop/cart.test]`, and places with messages after it. */
  #compiler(line: string): boolean {
    const name = /^# ([^\s[]\S*)(?: \[\S+\])?$/.exec(line)?.[1];
    if (name !== undefined) {
      this.#build = new Block();
      if (this.#builds.size < mostOpen) this.#builds.set(name, this.#build);
      return true;
    }
    if (this.#build === null) return false;
    // Where `go vet` finds something it names the package once more.
    if (/^# \[\S+\]$/.test(line)) return true;
    if (!/^(?:\S+\.go:\d+|\t|too many errors)/.test(line)) {
      this.#build = null;
      return false;
    }
    this.#build.add(line);
    return true;
  }
}

function parse(text: string): z.infer<typeof Event> | null {
  try {
    return Event.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
