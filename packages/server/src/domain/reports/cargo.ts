import { Counts } from './counts.ts';
import { Block, dedent, type LineReader } from './lines.ts';
import { placeOf } from './places.ts';
import { Failures, report, type TestReport } from './report.ts';

/** Reads what Rust's test harness prints for each of its programs; `cargo test` runs several. */
export class CargoReader implements LineReader {
  #running = false;
  #seen = new Counts();
  #failures = new Failures();
  #told: { name: string; block: Block } | null = null;

  line(text: string): TestReport | null {
    if (/^running \d+ tests?$/.test(text)) {
      const before = this.end();
      this.#running = true;
      return before;
    }
    if (!this.#running) return null;
    const result = /^test result: \w+\. (.*)$/.exec(text)?.[1];
    if (result !== undefined) return this.#whole(result);
    const stdout = /^---- (\S.*) stdout ----$/.exec(text)?.[1];
    if (stdout !== undefined) {
      this.#close();
      this.#told = { name: stdout, block: new Block() };
    } else if (text === 'failures:') this.#close();
    else if (this.#told !== null) this.#told.block.add(text);
    else this.#seen.add(/^test \S.* \.\.\. (ok|FAILED|ignored)(?:, .*)?$/.exec(text)?.[1] ?? '');
    return null;
  }

  end(): TestReport | null {
    this.#close();
    const { passed, failed, skipped, all } = this.#seen;
    const failures = this.#failures.items;
    this.#forget();
    return all === 0 ? null : report('cargo', { passed, failed, skipped, failures, incomplete: true });
  }

  #whole(result: string): TestReport {
    this.#close();
    const { passed, failed, skipped } = result.split('; ').reduce((counts, part) => {
      counts.addTold(part);
      return counts;
    }, new Counts());
    const failures = this.#failures.items;
    this.#forget();
    return report('cargo', { passed, failed, skipped, failures });
  }

  #close(): void {
    const told = this.#told;
    this.#told = null;
    if (told === null) return;
    const name = /^\S+$/.test(told.name) ? told.name.split('::').join(' › ') : told.name;
    const { lines } = told.block;
    const panic = lines.findIndex((line) => /^thread '.*' (?:\(\d+\) )?panicked at /.test(line));
    const where = (lines[panic] ?? '').split(' panicked at ').at(-1) ?? '';
    // Before Rust 1.73 the message stood before the place, on one line.
    const [, old, oldPlace] = /^'(.*)', (\S+)$/.exec(where) ?? [];
    const at = placeOf(oldPlace ?? where.replace(/:$/, ''));
    const rest = lines.slice(panic + 1);
    const until = rest.findIndex((line) => /^(?:stack backtrace:|note: )/.test(line));
    this.#failures.add(name, old ?? dedent(until < 0 ? rest : rest.slice(0, until)), at);
  }

  #forget(): void {
    this.#running = false;
    this.#seen = new Counts();
    this.#failures = new Failures();
  }
}
