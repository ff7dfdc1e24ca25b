/** Every error of the catalogue is raised somewhere, and some test sees it come out. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors } from '@towpath/contract';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const isTest = (file: string) => /\.(test|e2e)\.ts$|conformance[^/]*\.ts$/.test(file);
const files = globSync('{packages,e2e,bench,scripts}/**/*.ts', { cwd: root, exclude: ['**/node_modules/**'] })
  .filter((file) => !file.endsWith('contract/src/errors.ts') && !file.endsWith('scripts/catalogue.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

const texts = (tests: boolean): string[] => files.filter(({ file }) => isTest(file) === tests).map(({ text }) => text);
const says = (text: string, code: string): boolean => text.includes(`'${code}'`);
const [sources, tests] = [texts(false), texts(true)];

test.each(Object.keys(errors))('%s is raised, and seen by a test', (code) => {
  expect(sources.some((text) => says(text, code))).toBe(true);
  expect(tests.some((text) => says(text, code))).toBe(true);
});
