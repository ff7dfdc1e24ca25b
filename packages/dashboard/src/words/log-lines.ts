import { bare, hasControl, plain, type Span, type Style, spansOf } from './ansi.ts';
import { LineCutter } from './line-cutter.ts';

/** What a log shows: lines by their index, from 0. */
export interface Lines {
  /** How many there are, the open one too. */
  readonly count: number;
  /** So many that were there at the beginning are gone. */
  readonly dropped: number;
  /** Some line is shown in part only. */
  readonly hasCut: boolean;
  /** Without line break and colour. */
  text(index: number): string;
  spans(index: number): readonly Span[];
  /** When the line began to come; null: unknown. */
  at(index: number): string | null;
  /** Who printed it, where several do. */
  source(index: number): string | null;
  /** Lines that hold `query`, whatever its case; at most `limit`. */
  search(query: string, limit?: number): number[];
}

const mostFound = 10_000;

/** The lines of a log that grows by pieces cut anywhere. A piece costs what it holds; a line is looked at when it is shown. */
export class LogLines implements Lines {
  readonly dropped = 0;
  readonly #lines: string[] = [];
  /** Lines that begin in another style than plain; such are few. */
  readonly #styles = new Map<number, Style>();
  /** From this line on, the time when it came; ascending. */
  readonly #times: { readonly line: number; readonly at: string }[] = [];
  readonly #cutter = new LineCutter();

  get count(): number {
    return this.#lines.length + (this.#cutter.open === null ? 0 : 1);
  }

  get hasCut(): boolean {
    return this.#cutter.hasCut;
  }

  /** @param at when the piece was written, ISO 8601; null where nobody knows */
  append(text: string, at: string | null = null): void {
    this.#cutter.push(text, at, (line, style, came) => {
      this.#note(came);
      if (style !== plain) this.#styles.set(this.#lines.length, style);
      this.#lines.push(line);
    });
    if (this.#cutter.open !== null) this.#note(this.#cutter.at);
  }

  text(index: number): string {
    const line = this.#line(index);
    return hasControl(line) ? bare(line) : line;
  }

  spans(index: number): readonly Span[] {
    const style = index === this.#lines.length ? this.#cutter.style : (this.#styles.get(index) ?? plain);
    return spansOf(this.#line(index), style).spans;
  }

  at(index: number): string | null {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle]?.line ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    return this.#times[low - 1]?.at ?? null;
  }

  source(): null {
    return null;
  }

  search(query: string, limit = mostFound): number[] {
    return linesWith(this, query, limit);
  }

  #line(index: number): string {
    return this.#lines[index] ?? (index === this.#lines.length ? (this.#cutter.open ?? '') : '');
  }

  #note(at: string | null): void {
    const line = this.#lines.length;
    const last = this.#times.at(-1);
    if (at !== null && last?.line !== line && last?.at !== at) this.#times.push({ line, at });
  }
}

export function linesWith(lines: Pick<Lines, 'count' | 'text'>, query: string, limit = mostFound): number[] {
  const wanted = query.toLowerCase();
  const found: number[] = [];
  if (wanted === '') return found;
  for (let index = 0; index < lines.count && found.length < limit; index++) {
    if (lines.text(index).toLowerCase().includes(wanted)) found.push(index);
  }
  return found;
}
