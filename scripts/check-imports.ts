/** Holds every import of the workspace against the layer table (layers.ts). Prints `file:line` and the rule; exits 1. */
import { globSync, readFileSync } from 'node:fs';
import { packageCircle, placeOf, refusal } from './house.ts';
import { importsOf } from './imports.ts';
import { outside } from './layers.ts';

const files = globSync(['packages/*/src/**/*.{ts,tsx}', `{${Object.keys(outside).join()}}/**/*.ts`], {
  exclude: ['**/node_modules/**'],
}).sort();

const refused: string[] = [];
const circle = packageCircle();
if (circle) refused.push(`scripts/layers.ts: a circle among the packages: ${circle.join(' → ')}`);
for (const file of files) {
  try {
    placeOf(file);
    for (const found of importsOf(file, readFileSync(file, 'utf8'))) {
      const why = refusal(file, found);
      if (why) refused.push(`${file}:${found.line}: imports '${found.specifier}': ${why}`);
    }
  } catch (error) {
    refused.push(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}

for (const line of refused) console.error(line);
console.log(`${files.length} files, ${refused.length} refused`);
process.exitCode = refused.length > 0 ? 1 : 0;
