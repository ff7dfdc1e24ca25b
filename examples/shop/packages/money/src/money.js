/** Cents as people read them: `12.50 EUR`. */
export function format(cents, currency = 'EUR') {
  return `${(cents / 100).toFixed(2)} ${currency}`;
}

/** The total of lines of `{ cents, count }`. */
export function sum(lines) {
  return lines.reduce((total, { cents, count }) => total + cents * count, 0);
}
