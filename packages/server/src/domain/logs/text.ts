/** At most so many bytes can be the beginning of a character. */
const mostBegun = 3;

/**
 * How many of these bytes, from the first, don't break a character in two: all of them, but for an end that more bytes could make one.
 * What is no UTF-8 at all is not held back.
 */
export function wholeCharacters(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= Math.min(mostBegun, end); back++) {
    const byte = bytes[end - back] ?? 0;
    // 10xxxxxx goes on with a character that began before it.
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOf(byte) > back ? end - back : end;
  }
  return end;
}

/** Of the character that begins with this byte; 1 for what begins none. */
function lengthOf(byte: number): number {
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  return byte >= 0xf0 && byte <= 0xf4 ? 4 : 1;
}
