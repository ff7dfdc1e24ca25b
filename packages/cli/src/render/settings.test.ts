import { stripVTControlCharacters as plain } from 'node:util';
import { expect, test } from 'vitest';
import { createOutput } from '../output.ts';
import { renderGiven } from './settings.ts';

function shown(settings: Parameters<typeof renderGiven>[1]): string[] {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  renderGiven(createOutput(false, { write }, { write }), settings);
  return plain(text).trimEnd().split('\n');
}

test('what a layer says, by path', () => {
  const environments = { qa: { replicas: 2, env: { COLOUR: null } } };
  expect(shown({ test: false, triggers: { branches: ['main', 'v*'] }, environments })).toEqual([
    '  test                        off',
    '  triggers.branches           main, v*',
    '  environments.qa.replicas    2',
    '  environments.qa.env.COLOUR  removed',
  ]);
  expect(shown({})).toEqual(['  settings  none: each service finds its own']);
});
