/** Writes docs/reference anew from the code: `npm run reference`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages } from './reference/pages.ts';

const folder = join(import.meta.dirname, '../docs/reference');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(join(folder, name), await text());
  console.log(`docs/reference/${name}`);
}
