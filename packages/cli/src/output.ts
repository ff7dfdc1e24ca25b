import { TowpathError } from '@towpath/contract';
import pc from 'picocolors';
import { printable, printableJson } from './printable.ts';

/** Where a command writes: one visual language for all of them. */
export interface Output {
  readonly json: boolean;
  /** Somebody looks at a terminal: what is under way may be shown in place. */
  readonly live: boolean;
  /** Columns that a line may take; without a terminal there is no end. */
  readonly width: number;
  /** Something was done: `✓ text  0.3 s`. Nothing with `--json`. */
  done(text: string, ms?: number): void;
  /** Something is being done: a line that the next one replaces on a terminal, nothing elsewhere. */
  doing(text: string): void;
  /** What was shown is shown anew: a terminal is cleared, elsewhere an empty line comes between. Nothing with `--json`. */
  again(): void;
  /** A plain line. Nothing with `--json`. */
  line(text?: string): void;
  /** Label and value pairs, aligned. Nothing with `--json`. */
  fields(rows: ReadonlyArray<readonly [label: string, value: string]>): void;
  /** Something to look at, without being an error: `! text`, on stderr. Nothing with `--json`. */
  warn(text: string): void;
  /** The command's answer as one JSON document on one line; only with `--json`. */
  result(value: unknown): void;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a value looks like that the reader may copy: a command, an address. */
export const copyable = (text: string): string => pc.cyan(text);
export const faint = (text: string): string => pc.dim(text);
export const strong = (text: string): string => pc.bold(text);

const eraseLine = '\r\u001b[2K';
const eraseScreen = '\u001b[H\u001b[2J';

export function createOutput(json: boolean, stdout: Stream = process.stdout, stderr: Stream = process.stderr): Output {
  let transient = false;
  let shown = false;
  const clear = (): void => {
    if (transient) stdout.write(eraseLine);
    transient = false;
  };
  const print = (text: string): void => {
    if (json) return;
    clear();
    stdout.write(`${text}\n`);
    shown = true;
  };
  const output: Output = {
    json,
    live: !json && stdout.isTTY === true,
    // A terminal that was told no size says 0.
    width: stdout.isTTY ? stdout.columns || 80 : Number.POSITIVE_INFINITY,
    done: (text, ms) => print(`${pc.green('✓')} ${text}${ms === undefined ? '' : `  ${faint(duration(ms))}`}`),
    doing: (text) => {
      if (json || !stdout.isTTY) return;
      clear();
      stdout.write(`${faint('…')} ${text}`);
      transient = true;
    },
    again: () => {
      if (output.live) stdout.write(eraseScreen);
      else if (shown) print('');
    },
    line: (text = '') => print(text),
    fields: (rows) => {
      const width = Math.max(...rows.map(([label]) => label.length));
      for (const [label, value] of rows) print(`  ${faint(label.padEnd(width))}  ${value}`);
    },
    warn: (text) => {
      if (json) return;
      clear();
      stderr.write(`${pc.yellow('!')} ${text}\n`);
    },
    result: (value) => {
      if (json) stdout.write(`${printableJson(value)}\n`);
    },
  };
  return output;
}

/** An error as it is shown: what happened, then what to do about it. */
export function errorText(error: unknown): string {
  if (error instanceof TowpathError) {
    return `${pc.red('error:')} ${lines(error.message)}\n${faint('→')} ${lines(error.help)}\n`;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${pc.red('error:')} ${text}\n${faint('→')} This is a defect in Towpath: please report it with the lines above.\n`;
}

/** Messages hold names from elsewhere. */
const lines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Milliseconds as people read them: `12 ms`, `0.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}
