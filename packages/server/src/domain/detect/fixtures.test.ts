import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';
import { Fixtures, nothingFound } from './testing/fixture.ts';
import compiled from './testing/fixtures/compiled.json' with { type: 'json' };
import node from './testing/fixtures/node.json' with { type: 'json' };
import others from './testing/fixtures/others.json' with { type: 'json' };
import python from './testing/fixtures/python.json' with { type: 'json' };
import { viewOf } from './testing/view.ts';

const kinds = { node, python, compiled, others };

describe.each(Object.entries(kinds))('%s', (_, table) => {
  it.each(Fixtures.parse(table).map((fixture) => [fixture.name, fixture] as const))(
    '%s',
    (_, { files, folder, expected }) => {
      expect(detect(viewOf(files), folder)).toEqual({ ...nothingFound, ...expected });
    },
  );
});
