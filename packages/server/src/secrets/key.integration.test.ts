import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readKeyFile } from './key.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'towpath-key-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const file = path.join(folder, 'key');
function write(content: string, mode = 0o600): void {
  // A file of mode 0400 cannot be written over.
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, content);
  fs.chmodSync(file, mode);
}

test('reads 32 bytes, with or without a newline', () => {
  const key = randomBytes(32);
  write(`${key.toString('base64')}\n`);
  expect(readKeyFile(file)).toEqual(key);
  write(key.toString('base64'), 0o400);
  expect(readKeyFile(file)).toEqual(key);
});

test.each([
  [0o640, '0640'],
  [0o604, '0604'],
  [0o602, '0602'],
])('refuses a file that others can reach: %o', (mode, shown) => {
  write(randomBytes(32).toString('base64'), mode);
  expect(() => readKeyFile(file)).toThrow(`the key file ${file} is open to others (mode ${shown}): chmod 600`);
});

test.each([
  ['too short', randomBytes(31).toString('base64'), 'holds 31 bytes, not 32'],
  ['too long', randomBytes(33).toString('base64'), 'holds 33 bytes, not 32'],
  ['empty', '', 'holds 0 bytes, not 32'],
  ['hexadecimal', randomBytes(32).toString('hex'), 'holds 48 bytes, not 32'],
  ['damaged', `${'A'.repeat(42)}*=`, 'is not base64'],
])('refuses a key that is %s', (_, content, why) => {
  write(content);
  expect(() => readKeyFile(file)).toThrow(`the key file ${file} ${why}`);
  if (content !== '') expect(() => readKeyFile(file)).not.toThrow(content);
});

test('names the file that is missing', () => {
  const missing = path.join(folder, 'none');
  expect(() => readKeyFile(missing)).toThrow(`the key file ${missing} cannot be read`);
});
