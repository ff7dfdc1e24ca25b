import { stripControls } from './controls.ts';
import type { TestReport } from './report.ts';

/** Reads one tool's report from the lines of an output that may hold anything else too. Keeps bounded memory. */
export interface LineReader {
  /** The next line, without colours; answers with a report when one is complete, so that another may follow. */
  line(text: string): TestReport | null;
  /** What is left when the output has ended. */
  end(): TestReport | null;
}

/** Events of `go test -json` hold a line of text each, escaped; nothing that is read of an output is longer. */
const mostRaw = 65_536;

/** Cuts an output into lines, whatever pieces it comes in; ends are `\n`, `\r\n`, or `\r` as a progress bar has it. */
export class Lines {
  readonly #each: (line: string) => void;
  #pieces: string[] = [];
  #length = 0;
  #afterReturn = false;

  constructor(each: (line: string) => void) {
    this.#each = each;
  }

  push(text: string): void {
    const lines = (this.#afterReturn ? text.replace(/^\n/, '') : text).split(/\r\n|[\r\n]/);
    if (text !== '') this.#afterReturn = text.endsWith('\r');
    const open = lines.pop() ?? '';
    for (const line of lines) {
      this.#hold(line);
      this.#close();
    }
    this.#hold(open);
  }

  end(): void {
    if (this.#length > 0) this.#close();
  }

  #hold(piece: string): void {
    const room = mostRaw - this.#length;
    if (room <= 0 || piece === '') return;
    this.#pieces.push(piece.slice(0, room));
    this.#length += Math.min(piece.length, room);
  }

  #close(): void {
    const line = stripControls(this.#pieces.join(''));
    this.#pieces = [];
    this.#length = 0;
    this.#each(line);
  }
}

/** The lines that tell of one failure, up to a limit: a message is short, what a test prints need not be. */
export class Block {
  readonly lines: string[] = [];
  #length = 0;

  add(line: string): void {
    if (this.#length > 8_000) return;
    this.lines.push(line);
    this.#length += line.length + 1;
  }
}

/** Lines as a message: without common indentation, and without empty lines around them. */
export function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const common = indents.reduce((least, indent) => Math.min(least, indent), Number.MAX_SAFE_INTEGER);
  const text = lines.map((line) => line.slice(common).trimEnd());
  while (text[0] === '') text.shift();
  while (text.at(-1) === '') text.pop();
  return text.join('\n');
}
