/** Warns of files over 300 lines and refuses those over 500. A file whose first lines say @generated is passed over. */
import { globSync, readFileSync, statSync } from 'node:fs';

const warnAbove = 300;
const refuseAbove = 500;

const files = globSync(['{packages,e2e,scripts,bench}/**/*.{ts,tsx,sh}', '{scripts,.ci}/*', 'towpath', '*.ts'], {
  exclude: ['**/node_modules/**', '**/dist/**'],
})
  .filter((file) => statSync(file).isFile())
  .sort();

let refused = 0;
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  if (/@generated/.test(text.slice(0, 500))) continue;
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > refuseAbove) {
    refused += 1;
    console.error(`${file}: ${lines} lines, over the limit of ${refuseAbove}: split it by noun or verb`);
  } else if (lines > warnAbove) {
    console.warn(`warning: ${file}: ${lines} lines, should stay under ${warnAbove}`);
  }
}
console.log(`${files.length} files, ${refused} too long`);
process.exitCode = refused > 0 ? 1 : 0;
