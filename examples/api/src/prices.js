/** Prices are in cents. VAT is rounded to the nearest cent, half up. */
export function withVat(net, percent) {
  return net + Math.round((net * percent) / 100);
}
