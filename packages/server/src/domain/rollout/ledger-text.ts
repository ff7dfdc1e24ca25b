/** An entry of the ledger as its log tells it: `+1.2 s shift weight=10`, and the output that comes with it below. */
export function ledgerText(seconds: number, what: string, data: Readonly<Record<string, unknown>>): string {
  const { output, ...rest } = data;
  const details = Object.entries(rest).map(([name, value]) => ` ${name}=${String(value)}`);
  const line = `+${seconds.toFixed(1)} s ${what}${details.join('')}\n`;
  if (typeof output !== 'string' || output === '') return line;
  return line + (output.endsWith('\n') ? output : `${output}\n`);
}
