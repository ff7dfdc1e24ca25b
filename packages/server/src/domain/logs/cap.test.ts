import { expect, test } from 'vitest';
import { cappedNotice, goneNotice, leftOutNotice, Tail } from './cap.ts';

test('a tail keeps the last bytes, and counts those before them', () => {
  const tail = new Tail(5);
  for (const text of ['abc', 'defghijkl', 'm', '']) tail.take(Buffer.from(text));
  expect(tail.bytes.toString()).toBe('ijklm');
  expect(tail.leftOut).toBe(8);
});

test('notices name sizes as people read them, on lines of their own', () => {
  expect(cappedNotice({ mostBytes: 50_000_000, tailBytes: 64_000 })).toBe(
    '\n[towpath] this log has come to 50 MB, the most that is kept: of what follows only the end will be, the last 64 kB\n',
  );
  expect(leftOutNotice(812)).toBe('\n[towpath] 812 bytes are left out here\n');
  expect(goneNotice(20_000_000)).toBe('[towpath] 20 MB of this log are no longer kept\n');
});
