/** The text of a receipt. Prices are in cents. */
export function receipt({ buyer, lines }) {
  const total = lines.reduce((sum, line) => sum + line.cents, 0);
  return [...lines.map((line) => `${line.name}: ${euros(line.cents)}`), `${buyer} pays ${euros(total)}`].join('\n');
}

function euros(cents) {
  return `${(cents / 100).toFixed(2)} EUR`;
}
