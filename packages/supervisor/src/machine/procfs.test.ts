import { describe, expect, it } from 'vitest';
import { parseMarker, parseStat } from './procfs.ts';
import { parsePs } from './ps.ts';
import { shortCommand } from './table.ts';

const fields = 'S 1 42 43 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 987654 2600960 300 18446744073709551615 1 1 0';

describe('/proc/<pid>/stat', () => {
  it.each([
    ['a plain name', `44 (sh) ${fields}`],
    ['a name with blanks and parentheses', `44 (a) S 9 (b c) ${fields}`],
    ['a name with a line break', `44 (x\n1 (y) Z 7) ${fields}`],
  ])('%s', (_, line) => {
    expect(parseStat(line)).toEqual({ pid: 44, parent: 1, group: 42, session: 43, start: '987654', zombie: false });
  });

  it('knows a zombie, and what is no such line', () => {
    expect(parseStat(`44 (sh) ${fields.replace('S', 'Z')}`)?.zombie).toBe(true);
    expect(parseStat('')).toBeNull();
    expect(parseStat('44 (sh)')).toBeNull();
  });
});

describe('the marker in an environment', () => {
  it.each([
    ['first', 'TOWPATH_PROCESS=h:a/b\0PATH=/bin\0', 'h:a/b'],
    ['last, without an end', 'PATH=/bin\0TOWPATH_PROCESS=h:a', 'h:a'],
    ['with a line break', 'A=1\0TOWPATH_PROCESS=h:a\nb\0', 'h:a\nb'],
    ['none', 'PATH=/bin\0', null],
    ['in another name or value', 'X_TOWPATH_PROCESS=1\0Y=TOWPATH_PROCESS=2\0', null],
    ['nothing', '', null],
  ])('%s', (_, environ, marker) => {
    expect(parseMarker(environ)).toBe(marker);
  });
});

it('reads ps where there is no /proc', () => {
  const output =
    '    1     0     1 Ss   Sat Nov 21 11:17:01 2026\n  812     1   800 S+   Sat Nov 21 11:18:02 2026\n  813     1   800 Z    Sat Nov 21 11:18:02 2026\n';
  expect(parsePs(output)).toEqual([
    { pid: 1, parent: 0, group: 1, session: 1, start: 'Sat Nov 21 11:17:01 2026', marker: null, prints: [] },
    { pid: 812, parent: 1, group: 800, session: 800, start: 'Sat Nov 21 11:18:02 2026', marker: null, prints: [] },
  ]);
});

it('names a command without its options', () => {
  expect(shortCommand(['node', '/srv/server.js', '--token=hush'])).toBe('node /srv/server.js');
  expect(shortCommand(['psql', '--password=hush', 'x'])).toBe('psql');
  expect(shortCommand(['a\u001b[31m', 'b\n'])).toBe('a [31m b ');
});
