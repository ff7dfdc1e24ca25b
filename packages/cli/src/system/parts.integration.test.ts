import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findParts, fingerprint } from './parts.ts';
import { temporaryFolder } from './testing/scene.ts';

test('any file of the code, and the manifest, change the fingerprint; tests do not', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'deep'));
  const [file, deep, spec] = [
    join(folder, 'main.ts'),
    join(folder, 'deep', 'part.ts'),
    join(folder, 'deep', 'part.test.ts'),
  ];
  const manifest = join(folder, 'package.json');
  for (const path of [file, deep, spec]) writeFileSync(path, 'one');
  const part = { entry: file, code: [folder], manifests: [] };
  const seen = new Set([fingerprint(part)]);
  writeFileSync(deep, 'two');
  seen.add(fingerprint(part));
  writeFileSync(manifest, '{}');
  seen.add(fingerprint({ ...part, code: [], manifests: [manifest] }));
  seen.add(fingerprint({ ...part, code: [], manifests: [join(folder, 'missing')] }));
  expect(seen.size).toBe(4);
  const before = fingerprint(part);
  writeFileSync(spec, 'two');
  expect(fingerprint(part)).toBe(before);
});

test('the parts of this installation are found, each with code of its own', () => {
  const { server, router, supervisor, modules } = findParts();
  expect(new Set([server, router, supervisor].map(fingerprint)).size).toBe(3);
  expect(modules).toMatch(/node_modules$/);
});
