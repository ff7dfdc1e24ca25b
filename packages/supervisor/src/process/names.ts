import { createHash } from 'node:crypto';

/**
 * A folder name for any key or owner: readable at its start, unique by its end, never over 100 bytes, and the same on file systems
 * that ignore case. Not to be turned back: the file inside says whose it is.
 */
export function safeName(key: string): string {
  const readable = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 24);
  return readable === '' ? digest : `${readable}-${digest}`;
}
