import fs from 'node:fs';
import { TowpathError } from '@towpath/contract';

const keyBytes = 32;

/** Reads a key file: 32 bytes in base64, readable by its owner alone. Throws secret_refused, which names the file, never its content. */
export function readKeyFile(file: string): Buffer {
  const refuse = (why: string, cause?: unknown): never => {
    throw new TowpathError('secret_refused', `the key file ${file} ${why}`, { cause });
  };
  let text: string;
  try {
    text = readPrivate(file, refuse);
  } catch (error) {
    if (error instanceof TowpathError) throw error;
    return refuse(`cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
  const key = Buffer.from(text, 'base64');
  // Node skips what isn't base64; a file that doesn't come out as it went in was damaged.
  if (key.toString('base64') !== text) return refuse('is not base64');
  if (key.length !== keyBytes) return refuse(`holds ${key.length} bytes, not ${keyBytes}`);
  return key;
}

/** Looks at the file that is open, so that it can't be exchanged between the look and the read. */
function readPrivate(file: string, refuse: (why: string) => never): string {
  const descriptor = fs.openSync(file, 'r');
  try {
    const mode = fs.fstatSync(descriptor).mode & 0o777;
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      refuse(`is open to others (mode ${mode.toString(8).padStart(4, '0')}): chmod 600`);
    }
    return fs.readFileSync(descriptor, 'utf8').trim();
  } finally {
    fs.closeSync(descriptor);
  }
}
