/** One measured number, as it is written to the file of `--json`. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with and what that came to in the same run, in words. */
  readonly against: string | null;
  /** The number to hold, in the same unit; null: there is none. */
  readonly bar: number | null;
  readonly ok: boolean | null;
}

type Measured = Pick<Row, 'name' | 'value' | 'unit'> & { readonly against?: string | null };

/** A number without a bar. */
export function plain({ name, value, unit, against = null }: Measured): Row {
  return { name, value: rounded(value), unit, against, bar: null, ok: null };
}

/** A number that holds when it is the bar or less. */
export function atMost(bar: number, measured: Measured): Row {
  return { ...plain(measured), bar, ok: measured.value <= bar };
}

/** A number that holds when it is the bar or more. */
export function atLeast(bar: number, measured: Measured): Row {
  return { ...plain(measured), bar, ok: measured.value >= bar };
}

/** Two decimals: nothing here is known better. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The value that this share of all is not above; 0.5 is the median. Throws for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error('there is no quantile of nothing');
  return found;
}

/** The rows under each other, with a heading; one line each. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['name', 'value', 'unit', 'bar', '', 'against'],
    ...rows.map(({ name, value, unit, bar, ok, against }) => [
      name,
      String(value),
      unit,
      bar === null ? '–' : String(bar),
      ok === null ? '' : ok ? 'ok' : 'MISSED',
      against ?? '',
    ]),
  ];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const pad = (cell: string, column: number): string =>
    column === 1 || column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => `${line.map(pad).join('  ').trimEnd()}\n`).join('');
}
