import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formsOf } from './forms.ts';
import { createMask } from './mask.ts';

function maskAll(secrets: string[], ...chunks: (string | Uint8Array)[]): string[] {
  const masker = createMask(secrets).stream();
  const parts = chunks.map((chunk) => Buffer.from(masker.push(Buffer.from(chunk))).toString());
  return [...parts, Buffer.from(masker.flush()).toString()];
}
const masked = (secrets: string[], text: string) => maskAll(secrets, text).join('');

/** The same in the plainest way: mark every byte of every occurrence, then cut. */
function naive(secrets: string[], text: Uint8Array): string {
  const bytes = Buffer.from(text);
  const found: { from: number; to: number }[] = [];
  for (const form of secrets.flatMap(formsOf)) {
    for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
      found.push({ from: at, to: at + form.length });
    }
  }
  const parts: Buffer[] = [];
  let done = 0;
  for (;;) {
    const open = found.filter((each) => each.from >= done);
    const from = Math.min(...open.map((each) => each.from));
    if (from === Number.POSITIVE_INFINITY) break;
    let to = from + 1;
    for (const each of open.sort((a, b) => a.from - b.from)) if (each.from < to) to = Math.max(to, each.to);
    parts.push(bytes.subarray(done, from), Buffer.from('•••'));
    done = to;
  }
  return Buffer.concat([...parts, bytes.subarray(done)]).toString('latin1');
}

/** Cuts into chunks at positions given as fractions. */
function cut(bytes: Uint8Array, at: number[]): Uint8Array[] {
  const positions = [0, ...at.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b), bytes.length];
  return positions.slice(1).map((position, index) => bytes.subarray(positions[index], position));
}

const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

test('any cutting into chunks gives what the plainest way gives on the whole', () => {
  // Few letters, so that secrets repeat, overlap and contain each other.
  const letters = (size: { minLength: number; maxLength: number }) =>
    fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), ...size });
  fc.assert(
    fc.property(
      fc.array(letters({ minLength: 3, maxLength: 12 }), { maxLength: 4 }),
      fc.array(letters({ minLength: 0, maxLength: 12 }), { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fractions,
      (secrets, noise, picks, at) => {
        const forms = secrets.flatMap(formsOf);
        const pieces = noise.flatMap((text, index) => {
          const form = forms.length === 0 ? '' : forms[(picks[index] ?? 0) % forms.length];
          return [Buffer.from(text), Buffer.from(form ?? '')];
        });
        const bytes = Buffer.concat(pieces);
        const masker = createMask(secrets).stream();
        // Each chunk's memory is overwritten after the call, as a reader does that uses one buffer.
        const parts = cut(bytes, at).map((chunk) => {
          const own = Buffer.from(chunk);
          const part = Buffer.from(masker.push(own));
          own.fill('!');
          return part;
        });
        expect(Buffer.concat([...parts, masker.flush()]).toString('latin1')).toBe(naive(secrets, bytes));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('arbitrary bytes and texts, the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
      fc.uint8Array(),
      fractions,
      (secrets, noise, at) => {
        const bytes = Buffer.concat([noise, ...secrets.flatMap((secret) => [Buffer.from(secret), noise])]);
        const masker = createMask(secrets).stream();
        const parts = cut(bytes, at).map((chunk) => masker.push(chunk));
        expect(Buffer.concat([...parts, masker.flush()]).toString('latin1')).toBe(naive(secrets, bytes));
      },
    ),
  );
});

describe('what is hidden', () => {
  const secret = 'p@ss/wörd "1"+?&=';
  test.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL, lower case', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
  ])('%s', (_, form) => {
    expect(masked([secret], `before ${form} after`)).toBe('before ••• after');
  });

  test.each(['', 'u', 'us', 'user:'])('inside a longer base64 text, after "%s"', (before) => {
    const text = masked([secret], Buffer.from(`${before}${secret}:after`).toString('base64'));
    expect(text).toMatch(/^[A-Za-z0-9+/]{0,8}•••[A-Za-z0-9+/=]{0,12}$/);
  });

  test('each line of a value of several lines, in any order', () => {
    const key = '-----BEGIN KEY-----\r\nMIIEvQIBADANBg\nkqhkiG9w0B\n}\n-----END KEY-----\n';
    expect(masked([key], 'a kqhkiG9w0B b\n  MIIEvQIBADANBg\n}')).toBe('a ••• b\n  •••\n}');
    expect(masked([key], `${key.trim()}\nnext`)).toBe('•••\nnext');
  });

  test('not the newline after a secret that was read from a file', () => {
    expect(masked(['hunter22\n'], 'is hunter22\nnext')).toBe('is •••\nnext');
  });

  test('all of two that overlap', () => {
    expect(masked(['abcdef', 'defghi'], 'x abcdefghi y')).toBe('x ••• y');
    expect(masked(['abcd', 'abcdefgh', 'cdef'], 'abcdefgX')).toBe('•••gX');
    expect(masked(['abcd'], 'abcdabcd')).toBe('••••••');
  });

  test('not values under 4 characters', () => {
    expect(masked(['abc', '', '1'], 'abc 1')).toBe('abc 1');
  });
});

describe('what is held back', () => {
  test('nothing that cannot be the beginning of a secret', () => {
    expect(maskAll(['hunter22'], 'a line\n', 'user', ' hunt', 'ing\n')).toEqual([
      'a line\n',
      'user',
      ' ',
      'hunting\n',
      '',
    ]);
  });

  test('a whole secret is answered at once, and a beginning at the end of the log is given out', () => {
    expect(maskAll(['hunter22'], 'it is hunter22', ' hunter2')).toEqual(['it is •••', ' ', 'hunter2']);
  });

  test('a secret that begins another one waits for what comes', () => {
    expect(maskAll(['abcd', 'abcdef'], '-abcd', 'e', 'X')).toEqual(['-', '', '•••eX', '']);
    expect(maskAll(['abcd', 'abcdef'], '-abcd', 'e', 'f')).toEqual(['-', '', '•••', '']);
  });
});

test('after a flush it begins anew', () => {
  const masker = createMask(['hunter22']).stream();
  masker.push(Buffer.from('hunt'));
  masker.flush();
  expect(Buffer.from(masker.push(Buffer.from('er22'))).toString()).toBe('er22');
});
