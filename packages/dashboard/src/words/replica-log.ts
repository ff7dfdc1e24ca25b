import { bare, hasControl, type Span, type Style, spansOf } from './ansi.ts';
import { LineCutter } from './line-cutter.ts';
import { type Lines, linesWith } from './log-lines.ts';

interface Line {
  readonly replica: string;
  readonly text: string;
  readonly style: Style;
  readonly at: string | null;
}

/** So many lines stay on the page: it may be open for days. */
const mostLines = 50_000;
/** So many go at a time, so that not every line moves all others. */
const goneAtOnce = 10_000;

/**
 * What several replicas print, as one log in the order of its times. Each keeps its own lines and colours whole; a line is there when
 * its end has come.
 */
export class ReplicaLog implements Lines {
  dropped = 0;
  readonly #cutters = new Map<string, LineCutter>();
  readonly #most: number;
  #all: Line[] = [];
  #shown: Line[] = this.#all;
  #only: string | null = null;

  constructor(most: number = mostLines) {
    this.#most = most;
  }

  get count(): number {
    return this.#shown.length;
  }

  get hasCut(): boolean {
    return false;
  }

  /** Who has printed something, in the order of their first words. */
  get replicas(): string[] {
    return [...this.#cutters.keys()];
  }

  append(replica: string, text: string, at: string | null): void {
    const cutter = this.#cutters.get(replica) ?? new LineCutter();
    this.#cutters.set(replica, cutter);
    cutter.push(text, at, (line, style, came) => {
      const made = { replica, text: line, style, at: came };
      put(this.#all, made);
      if (this.#shown !== this.#all && replica === this.#only) put(this.#shown, made);
    });
    if (this.#all.length > this.#most) this.#drop(Math.max(goneAtOnce, this.#all.length - this.#most));
  }

  /** Shows what one of them prints; null: all. */
  choose(replica: string | null): void {
    this.#only = replica;
    this.#shown = replica === null ? this.#all : this.#all.filter((line) => line.replica === replica);
  }

  text(index: number): string {
    const text = this.#shown[index]?.text ?? '';
    return hasControl(text) ? bare(text) : text;
  }

  spans(index: number): readonly Span[] {
    const line = this.#shown[index];
    return line === undefined ? [] : spansOf(line.text, line.style).spans;
  }

  at(index: number): string | null {
    return this.#shown[index]?.at ?? null;
  }

  source(index: number): string | null {
    return this.#shown[index]?.replica ?? null;
  }

  search(query: string, limit?: number): number[] {
    return linesWith(this, query, limit);
  }

  #drop(count: number): void {
    const before = this.#shown.length;
    this.#all = this.#all.slice(count);
    this.choose(this.#only);
    this.dropped += before - this.#shown.length;
  }
}

/** What replicas printed before comes from one after the other: a line goes behind those that are not younger. */
function put(lines: Line[], line: Line): void {
  const at = line.at ?? '';
  let index = lines.length;
  while (index > 0 && (lines[index - 1]?.at ?? '') > at) index--;
  if (index === lines.length) lines.push(line);
  else lines.splice(index, 0, line);
}
