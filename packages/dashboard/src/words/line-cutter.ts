import { hasControl, plain, type Style, spansOf } from './ansi.ts';

/** A longer line is cut on the screen; the raw log has all of it. In characters. */
const longestLine = 10_000;

/** A line that came to its end: as it is shown, with what colours it, and the style that it begins in. */
export type Closed = (line: string, style: Style, at: string | null) => void;

/** Lines out of pieces that are cut anywhere. What a carriage return overwrites is left out, as a terminal does. */
export class LineCutter {
  #open = '';
  /** Characters of the open line that are left out. */
  #cut = 0;
  #style: Style = plain;
  #at: string | null = null;
  /** Some line was longer than is shown. */
  hasCut = false;

  /** The beginning of a line whose end has not come; null: there is none. */
  get open(): string | null {
    return this.#open === '' && this.#cut === 0 ? null : ended(this.#open, this.#cut);
  }

  /** The style that the open line begins in. */
  get style(): Style {
    return this.#style;
  }

  /** When the open line began to come. */
  get at(): string | null {
    return this.#at;
  }

  push(text: string, at: string | null, closed: Closed): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#take(text.slice(from, end), at);
      this.#close(closed);
      from = end + 1;
    }
    if (from < text.length) this.#take(text.slice(from), at);
  }

  #take(whole: string, at: string | null): void {
    if (this.open === null) this.#at = at;
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
    if (this.#cut > 0) this.hasCut = true;
  }

  #close(closed: Closed): void {
    const line = ended(this.#open, this.#cut);
    const style = this.#style;
    if (hasControl(line)) {
      const next = spansOf(line, style).style;
      this.#style = isPlain(next) ? plain : next;
    }
    closed(line, style, this.#at);
    this.#open = '';
    this.#cut = 0;
    this.#at = null;
  }
}

function ended(open: string, cut: number): string {
  const shown = open.endsWith('\r') ? open.slice(0, -1) : open;
  return cut === 0 ? shown : `${shown}… ${cut.toLocaleString('en')} more characters in the raw log`;
}

const isPlain = (style: Style): boolean =>
  style.fg === null && style.bg === null && !style.bold && !style.dim && !style.italic && !style.underline;
