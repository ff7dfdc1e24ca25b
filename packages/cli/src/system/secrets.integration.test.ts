import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareDataFolder, prepareFolders } from './folder.ts';
import type { Layout } from './layout.ts';
import { ensureSecret, ensureSecrets, readSecret } from './secrets.ts';
import { me, temporaryFolder } from './testing/scene.ts';

function installation(): Layout {
  const layout = prepareDataFolder(join(temporaryFolder(), 'data'), me);
  prepareFolders(layout, me);
  return layout;
}
const filesOf = (layout: Layout): string[] => [layout.databasePassword, layout.masterKey, layout.bootstrapToken];

test('each secret is made once, for us alone, and stays as it is', () => {
  const layout = installation();
  const first = ensureSecrets(layout, null);
  const contents = filesOf(layout).map((path) => readFileSync(path, 'utf8'));
  for (const path of filesOf(layout)) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(contents[1] ?? '', 'base64')).toHaveLength(32);
  expect(new Set(contents).size).toBe(3);
  expect(ensureSecrets(layout, first.keyId)).toEqual(first);
  expect(filesOf(layout).map((path) => readFileSync(path, 'utf8'))).toEqual(contents);
});

test('two installations share nothing', () => {
  const [one, two] = [ensureSecrets(installation(), null), ensureSecrets(installation(), null)];
  for (const key of ['databasePassword', 'bootstrapToken', 'keyId'] as const) expect(one[key]).not.toBe(two[key]);
});

test.each([0o640, 0o604, 0o660])('a secret that others can reach (%o) is refused, not mended in silence', (mode) => {
  const layout = installation();
  ensureSecrets(layout, null);
  chmodSync(layout.masterKey, mode);
  expect(() => ensureSecrets(layout, null)).toThrow(/master-key is open to other users/);
  expect(() => ensureSecrets(layout, null)).toThrow(expect.objectContaining({ code: 'unsafe_file' }));
  expect(statSync(layout.masterKey).mode & 0o777).toBe(mode);
});

test('a key that is gone, empty, or another one is refused instead of replaced', () => {
  const layout = installation();
  const { keyId } = ensureSecrets(layout, null);
  writeFileSync(layout.masterKey, `${Buffer.alloc(32, 7).toString('base64')}\n`);
  expect(() => ensureSecrets(layout, keyId)).toThrow('not the key that this installation was set up with');
  writeFileSync(layout.masterKey, '');
  expect(() => ensureSecrets(layout, keyId)).toThrow('is empty');
  rmSync(layout.masterKey);
  expect(() => ensureSecrets(layout, keyId)).toThrow('master-key is gone');
});

test('a link in the place of a secret is not followed', () => {
  const layout = installation();
  const elsewhere = join(layout.data, 'elsewhere');
  writeFileSync(elsewhere, 'theirs', { mode: 0o600 });
  symlinkSync(elsewhere, layout.masterKey);
  expect(() => readSecret(layout.masterKey)).toThrow('symbolic link');
});

test('a writer that was killed leaves a draft, which neither counts nor stays', () => {
  const layout = installation();
  writeFileSync(join(layout.secrets, '.master-key.0123456789ab.tmp'), 'half', { mode: 0o600 });
  ensureSecrets(layout, null);
  expect(() => statSync(join(layout.secrets, '.master-key.0123456789ab.tmp'))).toThrow('ENOENT');
});

test("whoever comes second takes the first one's secret", () => {
  const path = join(installation().secrets, 'token');
  const made = ensureSecret(path, () => {
    ensureSecret(path, () => 'first');
    return 'second';
  });
  expect(made).toBe('first');
});
