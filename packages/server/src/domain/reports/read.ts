import { BunReader } from './bun.ts';
import { CargoReader } from './cargo.ts';
import { GoReader } from './go-test.ts';
import { JestReader } from './jest.ts';
import { type LineReader, Lines } from './lines.ts';
import { MochaReader } from './mocha.ts';
import { NodeReader } from './node-test.ts';
import { Prefixes } from './prefixes.ts';
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
  BunReader,
  NodeReader,
  TapReader,
  PytestReader,
  UnittestReader,
  GoReader,
  CargoReader,
];

/** No tool prints a line of its report longer than this, but events of `go test -json`. */
const mostLine = 2_000;

/** Finds what test tools report in a command's output, as it comes and in bounded memory. Several tools or runs are added up. */
export class OutputReader {
  readonly #prefixes = new Prefixes();
  /** A set of readers for each task that prints behind its name, and one for all other lines. */
  readonly #readers = new Map<string, readonly LineReader[]>();
  readonly #lines = new Lines((text) => {
    const { by, line } = this.#prefixes.of(text);
    const read = line.startsWith('{"') ? line : line.slice(0, mostLine);
    for (const reader of this.#of(by)) this.#add(reader.line(read));
  });
  #sum: TestReport | null = null;

  /** The next piece of the output, whatever its borders. */
  push(text: string): void {
    this.#lines.push(text);
  }

  /** The report of all that was pushed; null when there was none in it. */
  end(): TestReport | null {
    this.#lines.end();
    for (const some of this.#readers.values()) for (const reader of some) this.#add(reader.end());
    return this.#sum;
  }

  #of(by: string): readonly LineReader[] {
    const known = this.#readers.get(by) ?? readers.map((Reader) => new Reader());
    this.#readers.set(by, known);
    return known;
  }

  #add(one: TestReport | null): void {
    if (one !== null) this.#sum = sum(this.#sum === null ? [one] : [this.#sum, one]);
  }
}
