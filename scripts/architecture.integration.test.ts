/** The document that explains the house, and the table that holds it, name the same packages and rooms. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { floors, packages } from './layers.ts';

const text = readFileSync(join(import.meta.dirname, '../ARCHITECTURE.md'), 'utf8');

test.each(Object.keys(packages))('ARCHITECTURE.md has the package %s', (name) => {
  expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
});

test.each(floors.flatMap((rooms, floor) => Object.keys(rooms).map((room) => [room, floor + 1] as const)))(
  'ARCHITECTURE.md has the room %s on floor %i',
  (room, floor) => {
    expect(text).toMatch(new RegExp(`^\\| ${floor} \\|.*\`${room}/?\``, 'm'));
  },
);
