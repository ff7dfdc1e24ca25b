import { describe, expect, it } from 'vitest';
import { detect } from './detect.ts';
import { nothingFound } from './testing/fixture.ts';
import { compiled } from './testing/fixtures/compiled.ts';
import { node } from './testing/fixtures/node.ts';
import { others } from './testing/fixtures/others.ts';
import { python } from './testing/fixtures/python.ts';
import { viewOf } from './testing/view.ts';

const kinds = { node, python, compiled, others };

describe.each(Object.entries(kinds))('%s', (_, fixtures) => {
  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, { files, folder, expected }) => {
    expect(detect(viewOf(files), folder)).toEqual({ ...nothingFound, ...expected });
  });
});
