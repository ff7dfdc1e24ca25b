import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommit, readObjects } from './describe.ts';

const id = 'a'.repeat(40);

describe('objects of cat-file', () => {
  it('are read one after the other, the missing ones too', () => {
    const output = Buffer.from(`${id} commit 3\nabc\nx:y missing\n${id} blob 0\n\n${id} blob 2\n\n\n\n`);
    expect(readObjects(output).map(({ type, content }) => [type, content.toString()])).toEqual([
      ['commit', 'abc'],
      [null, ''],
      ['blob', ''],
      ['blob', '\n\n'],
    ]);
  });

  it('that were cut are left out', () => {
    expect(readObjects(Buffer.from(`${id} blob 10\nabc`))).toEqual([]);
    expect(readObjects(Buffer.from(`${id} blob`))).toEqual([]);
  });

  it('survive any content', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }), (contents) => {
        const parts = contents.flatMap((each) => [`${id} blob ${each.length}\n`, each, '\n']);
        const objects = readObjects(Buffer.concat(parts.map((part) => Buffer.from(part))));
        expect(objects.map(({ content }) => [...content])).toEqual(contents.map((each) => [...each]));
      }),
    );
  });
});

describe('a stored commit', () => {
  const commit = (rest: string, author = 'Ada Lovelace <ada@example.org> 1 +0000') =>
    Buffer.from(`tree ${id}\nauthor ${author}\ncommitter Bob <b@c> 1 +0000\n${rest}`);

  it.each([
    ['a subject', commit('\nFirst line\n\nbody\n'), 'First line'],
    ['a subject of two lines', commit('\nFirst\n  line\n\nbody'), 'First line'],
    ['empty lines before it', commit('\n\n \nFirst\n'), 'First'],
    ['no message', commit('\n'), ''],
    ['no empty line at all', commit(''), ''],
    ['a signature', commit('gpgsig -----BEGIN\n author x <y>\n \n -----END\n\nSigned\n'), 'Signed'],
  ])('%s', (_, raw, subject) => {
    expect(parseCommit(raw)).toEqual({ author: 'Ada Lovelace', subject });
  });

  it('of another encoding', () => {
    const latin = Buffer.from(
      `tree ${id}\nauthor J\xfcrgen <j@x> 1 +0000\nencoding ISO-8859-1\n\nGr\xf6\xdfe\n`,
      'latin1',
    );
    expect(parseCommit(latin)).toEqual({ author: 'Jürgen', subject: 'Größe' });
    expect(parseCommit(commit('encoding no-such\n\nText\n')).subject).toBe('Text');
  });

  it('by nobody', () => {
    expect(parseCommit(commit('\nx', '<a@b> 1 +0000')).author).toBe('');
  });
});
