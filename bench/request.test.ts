import { describe, expect, test } from 'vitest';
import { readRequest } from './request.ts';

const known = ['stage', 'push', 'memory'];

describe('what the command line asks for', () => {
  test.each([
    ['nothing: all of them, written nowhere', [], { json: null, names: known }],
    ['a file', ['--json', 'rows.json'], { json: 'rows.json', names: known }],
    ['one', ['--only', 'push'], { json: null, names: ['push'] }],
    ['some, in the order of the table', ['--only', 'memory, stage'], { json: null, names: ['stage', 'memory'] }],
    ['some, one by one', ['--only', 'push', '--only', 'memory'], { json: null, names: ['push', 'memory'] }],
  ])('%s', (_what, argv, request) => {
    expect(readRequest(argv, known)).toEqual(request);
  });

  test.each([
    ['a bench that does not exist', ['--only', 'stage,lunch'], "no bench 'lunch'; there are stage, push, memory"],
    ['an option that does not exist', ['--lunch'], '--lunch'],
    ['a file without a name', ['--json'], '--json'],
    ['a word', ['stage'], 'stage'],
  ])('refuses %s', (_what, argv, why) => {
    expect(() => readRequest(argv, known)).toThrow(why);
  });
});
