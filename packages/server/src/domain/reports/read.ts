import { CargoReader } from './cargo.ts';
import { GoReader } from './go-test.ts';
import { JestReader } from './jest.ts';
import { type LineReader, Lines } from './lines.ts';
import { MochaReader } from './mocha.ts';
import { NodeReader } from './node-test.ts';
import { PytestReader } from './pytest.ts';
import { sum, type TestReport } from './report.ts';
import { TapReader } from './tap.ts';
import { UnittestReader } from './unittest.ts';
import { VitestReader } from './vitest.ts';

/** Each knows its own tool's words only, so that all of them may look at every line. */
const readers: readonly (new () => LineReader)[] = [
  VitestReader,
  JestReader,
  MochaReader,
  NodeReader,
  TapReader,
  PytestReader,
  UnittestReader,
  GoReader,
  CargoReader,
];

/** Finds what test tools report in a command's output, as it comes and in bounded memory. Several tools or runs are added up. */
export class OutputReader {
  readonly #readers = readers.map((Reader) => new Reader());
  readonly #lines = new Lines((line) => this.#line(line));
  #sum: TestReport | null = null;

  /** The next piece of the output, whatever its borders. */
  push(text: string): void {
    this.#lines.push(text);
  }

  /** The report of all that was pushed; null when there was none in it. */
  end(): TestReport | null {
    this.#lines.end();
    for (const reader of this.#readers) this.#add(reader.end());
    return this.#sum;
  }

  #line(line: string): void {
    for (const reader of this.#readers) this.#add(reader.line(line));
  }

  #add(one: TestReport | null): void {
    if (one !== null) this.#sum = sum(this.#sum === null ? [one] : [this.#sum, one]);
  }
}
