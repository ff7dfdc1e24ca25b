import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const page = readFileSync(new URL('../public/index.html', import.meta.url), 'utf8');

test('the page has a title', () => {
  assert.match(page, /<title>[^<]+<\/title>/);
});

test('every style sheet that the page names is there', () => {
  for (const [, href] of page.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)) {
    assert.ok(existsSync(new URL(`../public/${href}`, import.meta.url)), `${href} is missing`);
  }
});
