/** Controls, marks that turn the direction of writing, and separators that a terminal or an editor takes for a new line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: text from elsewhere is hostile.
const obeyed = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Text from elsewhere (a commit's message, a branch, the reason of a hold) as one line: what a terminal would obey is shown instead,
 * as `\u001b`.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\t\r\n]+/g, ' ').replaceAll(obeyed, escaped);
}

/** An answer of the API whose every text is printable. */
export function printableAnswer<T>(answer: T): T {
  return JSON.parse(JSON.stringify(answer), (_key, value) => (typeof value === 'string' ? printable(value) : value));
}

/** One line of JSON that is safe to look at, with the same meaning. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(obeyed, escaped);
}

/** Sequences that a terminal obeys, whole: CSI, strings (OSC, DCS, …), and short ones. */
const sequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: lines of a build are hostile text.
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
/** The beginning of one, at the end of a piece. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: lines of a build are hostile text.
const begun = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,4096}\x1b?|[ -/]*)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what a build may do to a terminal.
const colour = /^\x1b\[[0-9;:]*m$/;

/** A log for a terminal, piece by piece: text, line moves and colours pass, everything else that a terminal would obey does not. */
export class LogForTerminal {
  readonly #decoder = new TextDecoder();
  #held = '';

  /** The piece as it may be shown now; what may be half of a sequence is held back until the next one. */
  push(piece: Uint8Array): string {
    const text = this.#held + this.#decoder.decode(piece, { stream: true });
    const at = begun.exec(text)?.index ?? text.length;
    this.#held = text.slice(at);
    return plain(text.slice(0, at));
  }

  /** What was held back at the end. */
  flush(): string {
    return plain(this.#held + this.#decoder.decode());
  }
}

const plain = (text: string): string => text.replaceAll(sequence, (found) => (colour.test(found) ? found : ''));
