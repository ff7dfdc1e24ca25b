/** The reference in the tree is what the code says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from './reference/pages.ts';

const folder = join(import.meta.dirname, '../docs/reference');

test.each(Object.entries(pages))('docs/reference/%s is not stale; else: npm run reference', async (name, text) => {
  expect(readFileSync(join(folder, name), 'utf8')).toBe(await text());
});

test('docs/reference holds nothing else', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(pages).toSorted());
});
