/** Cuts a text to so many columns; `…` stands for the rest. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return `${text.slice(0, Math.max(0, columns - 1))}…`;
}

/** A text in lines of at most so many columns, broken between words. A word that is longer keeps a line to itself, whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Narrower than that, a column of text is hard to read. */
const narrowest = 30;

/**
 * A text that begins behind `prefix`, which takes `indent` columns, with its further lines below its beginning; where that would be too
 * narrow, on lines of its own.
 */
export function hanging(prefix: string, indent: number, text: string, columns: number): string {
  if (text === '') return prefix.trimEnd();
  if (columns - indent >= narrowest || indent + text.length <= columns) {
    return `${prefix}${wrap(text, columns - indent).join(`\n${' '.repeat(indent)}`)}`;
  }
  return [prefix.trimEnd(), ...wrap(text, columns - 6)].join('\n      ');
}
