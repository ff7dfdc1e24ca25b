import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseUpdates, plainLines, pushProgress } from './push.ts';

const one = '1'.repeat(40);
const two = '2'.repeat(40);
const none = '0'.repeat(40);

describe('updates', () => {
  it('are branches and tags, with what they were and are', () => {
    const text = [
      `${none} ${one} refs/heads/main`,
      `${one} ${two} refs/heads/feature/x y`,
      `${one} ${none} refs/tags/v1`,
      '',
      '',
    ].join('\n');
    expect(parseUpdates(text)).toEqual([
      { kind: 'branch', name: 'main', before: null, after: one },
      { kind: 'branch', name: 'feature/x y', before: one, after: two },
      { kind: 'tag', name: 'v1', before: one, after: null },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['another kind of ref', `${none} ${one} refs/notes/x`],
    ['a name that is not UTF-8', `${none} ${one} refs/heads/\ufffd`],
    ['half a line', `${none} ${one} refs/heads/`],
  ])('are none for %s', (_, text) => {
    expect(parseUpdates(text)).toEqual([]);
  });
});

describe('a line', () => {
  it.each([
    ['plain ünïcode 🚀\tand tabs', ['plain ünïcode 🚀\tand tabs']],
    ['two\nlines', ['two', 'lines']],
    ['a\r\nb\rc', ['a', 'b', 'c']],
    ['\u001b[1;31mred\u001b[0m', ['red']],
    ['\u001b]0;title\u0007x\u001b]8;;http://a\u001b\\y', ['xy']],
    ['\u001bc\u009b2J\u0000\u007f', ['c2J']],
    ['seen \u202etxt.exe\u2066 and \u2028so on', ['seen txt.exe and so on']],
  ])('%j is shown as %j', (text, lines) => {
    expect(plainLines(text)).toEqual(lines);
  });
});

describe('progress', () => {
  it('leaves lines out while nobody reads, and says how many', () => {
    const seen: string[] = [];
    const reader: { next?: () => void } = {};
    const channel = new Duplex({
      read() {},
      write(piece, _, done) {
        seen.push(String(piece));
        reader.next = done;
      },
    });
    const progress = pushProgress(channel, new AbortController().signal);
    for (let at = 0; at < 3_000; at++) progress.line('x'.repeat(999));
    while (channel.writableLength > 0) reader.next?.();
    const kept = seen.length;
    expect(kept).toBeGreaterThan(1_000);
    expect(kept).toBeLessThan(1_200);
    progress.line('after');
    reader.next?.();
    expect(seen.slice(kept)).toEqual([`(${3_000 - kept} lines left out)\n`, 'after\n']);
  });

  it('without a listener is nothing', () => {
    const gone = new AbortController();
    const channel = new PassThrough();
    const progress = pushProgress(channel, gone.signal);
    gone.abort();
    progress.line('x');
    expect(channel.read()).toBeNull();
    channel.destroy();
    pushProgress(channel, new AbortController().signal).line('x');
  });
});
