import { readFileSync } from 'node:fs';
import { OutputReader } from './read.ts';
import type { TestReport } from './report.ts';

/** What a real tool printed or wrote; testdata/README.md says how. */
export function printed(name: string): string {
  return readFileSync(new URL(`./testdata/${name}`, import.meta.url), 'utf8');
}

/** What is read of an output that comes in these pieces. */
export function read(...pieces: readonly string[]): TestReport | null {
  const reader = new OutputReader();
  for (const piece of pieces) reader.push(piece);
  return reader.end();
}
