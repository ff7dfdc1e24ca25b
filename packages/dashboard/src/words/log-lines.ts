import { bare, hasControl, plain, type Span, type Style, spansOf } from './ansi.ts';

/** A longer line is cut on the screen; the raw log has all of it. In characters. */
const longestLine = 10_000;

/**
 * The lines of a log that grows by pieces cut anywhere. A piece costs what it holds; a line is looked at when it is shown. What a
 * carriage return overwrites is left out, as a terminal does.
 */
export class LogLines {
  readonly #lines: string[] = [];
  /** Lines that begin in another style than plain; such are few. */
  readonly #styles = new Map<number, Style>();
  /** From this line on, the time when it came; ascending. */
  readonly #times: { readonly line: number; readonly at: string }[] = [];
  #open = '';
  /** Characters of the open line that are left out. */
  #cut = 0;
  #style: Style = plain;

  /** How many lines there are, the open one too. */
  get count(): number {
    return this.#lines.length + (this.#open === '' && this.#cut === 0 ? 0 : 1);
  }

  /** @param at when the piece was written, ISO 8601; null where nobody knows */
  append(text: string, at: string | null = null): void {
    if (text === '') return;
    this.#note(at);
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#take(text.slice(from, end));
      this.#close();
      from = end + 1;
      if (from < text.length) this.#note(at);
    }
    this.#take(text.slice(from));
  }

  /** Line `index`, from 0, without line break. */
  text(index: number): string {
    const line = this.#lines[index] ?? (index === this.#lines.length ? ended(this.#open, this.#cut) : '');
    return hasControl(line) ? bare(line) : line;
  }

  spans(index: number): readonly Span[] {
    const line = this.#lines[index] ?? (index === this.#lines.length ? ended(this.#open, this.#cut) : '');
    const style = index === this.#lines.length ? this.#style : (this.#styles.get(index) ?? plain);
    return spansOf(line, style).spans;
  }

  /** When the line began to come; null: unknown. */
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

  /** Lines that hold `query`, whatever its case, from 0; at most `limit`. */
  search(query: string, limit = 10_000): number[] {
    const wanted = query.toLowerCase();
    const found: number[] = [];
    if (wanted === '') return found;
    for (let index = 0; index < this.count && found.length < limit; index++) {
      if (this.text(index).toLowerCase().includes(wanted)) found.push(index);
    }
    return found;
  }

  #take(whole: string): void {
    // A progress bar writes its line again and again: only the last one stands.
    const again = whole.length < 2 ? -1 : whole.lastIndexOf('\r', whole.length - 2);
    if (again !== -1 || (whole !== '' && this.#open.endsWith('\r'))) {
      this.#open = '';
      this.#cut = 0;
    }
    const piece = again === -1 ? whole : whole.slice(again + 1);
    const room = longestLine - this.#open.length;
    this.#open += piece.length <= room ? piece : piece.slice(0, room);
    this.#cut += Math.max(0, piece.length - room);
  }

  #close(): void {
    const line = ended(this.#open, this.#cut);
    if (this.#style !== plain) this.#styles.set(this.#lines.length, this.#style);
    if (hasControl(line)) {
      const { style } = spansOf(line, this.#style);
      this.#style = isPlain(style) ? plain : style;
    }
    this.#lines.push(line);
    this.#open = '';
    this.#cut = 0;
  }

  #note(at: string | null): void {
    const line = this.#lines.length;
    if (at === null || this.#open !== '' || this.#times.at(-1)?.line === line) return;
    if (this.#times.at(-1)?.at !== at) this.#times.push({ line, at });
  }
}

function ended(open: string, cut: number): string {
  const shown = open.endsWith('\r') ? open.slice(0, -1) : open;
  return cut === 0 ? shown : `${shown}… ${cut.toLocaleString('en')} more characters in the raw log`;
}

const isPlain = (style: Style): boolean =>
  style.fg === null && style.bg === null && !style.bold && !style.dim && !style.italic && !style.underline;
