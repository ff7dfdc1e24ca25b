/** Colours of a terminal in a line of a log. Only what colours text is understood; every other sequence is left out. */

export interface Style {
  /** 0 to 15: the terminal's own colours; `#rrggbb`; null: the colour of text. */
  readonly fg: number | string | null;
  readonly bg: number | string | null;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
}
export interface Span {
  /** Where it begins in the line. */
  readonly at: number;
  readonly text: string;
  readonly style: Style;
}

export const plain: Style = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false };

/** `ESC [ … m`, which colours; other sequences; and single control characters, but for tabs. */
const sequences = new RegExp(
  [
    '\\u001b(?:\\[([\\u0030-\\u003f]{0,64})([\\u0020-\\u002f]{0,8}[\\u0040-\\u007e])',
    '|\\][^\\u0007\\u001b]{0,4096}(?:\\u0007|\\u001b\\\\|$)',
    '|[\\u0020-\\u007e])?',
    '|[\\u0000-\\u0008\\u000b-\\u001f\\u007f]',
  ].join(''),
  'g',
);

/** What a line looks like that begins in `style`, and the style that the next line begins in. */
export function spansOf(line: string, style: Style = plain): { spans: Span[]; style: Style } {
  const spans: Span[] = [];
  let now = style;
  let from = 0;
  const add = (to: number): void => {
    if (to > from) spans.push({ at: from, text: line.slice(from, to), style: now });
  };
  for (const found of line.matchAll(sequences)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[2] === 'm' && !/[<-?]/.test(found[1] ?? '')) now = styled(now, found[1] ?? '');
  }
  add(line.length);
  return { spans, style: now };
}

/** The line as plain text. */
export const bare = (line: string): string => line.replaceAll(sequences, '');

/** Does the line hold anything that `spansOf` acts on? */
export const hasControl = (line: string): boolean => line.includes('\u001b');

const flags: Readonly<Record<number, Partial<Style>>> = {
  0: plain,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  39: { fg: null },
  49: { bg: null },
};

function styled(before: Style, parameters: string): Style {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map(Number);
  let style = before;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1, at + 5));
      if (color !== null) style = { ...style, [code === 38 ? 'fg' : 'bg']: color };
      at += used;
      continue;
    }
    const color = basic(code);
    if (color !== null) style = { ...style, ...color };
    else style = { ...style, ...flags[code] };
  }
  return style;
}

function basic(code: number): Partial<Style> | null {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return null;
}

/** `5;n` of 256 colours, `2;r;g;b`; and how many codes that took. */
function extended([kind, a = 0, b = 0, c = 0]: readonly number[]): [color: number | string | null, used: number] {
  if (kind === 2) return [hex(a, b, c), 4];
  if (kind !== 5) return [null, 0];
  if (a < 16) return [a, 2];
  if (a >= 232) return [hex(8 + (a - 232) * 10, 8 + (a - 232) * 10, 8 + (a - 232) * 10), 2];
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = a - 16;
  return [hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}

const hex = (...parts: readonly number[]): string =>
  `#${parts.map((part) => (Math.min(255, Math.max(0, part | 0)) & 255).toString(16).padStart(2, '0')).join('')}`;
