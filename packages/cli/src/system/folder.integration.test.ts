import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withParts } from '../../../../scripts/parts.ts';
import { onDisk, replaceFile } from './file.ts';
import { prepareDataFolder, prepareFolders, prepareSharedPlace } from './folder.ts';
import { me, temporaryFolder } from './testing/scene.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('the folder is made with all its parents; what is secret is closed whatever the umask', () => {
  const before = process.umask(0);
  try {
    const layout = prepareDataFolder(join(temporaryFolder(), 'a', 'b'), me);
    prepareFolders(layout, me);
    expect(modeOf(layout.data)).toBe(me.root ? 0o711 : 0o700);
    for (const folder of [layout.secrets, layout.config, layout.supervisorState]) expect(modeOf(folder)).toBe(0o700);
  } finally {
    process.umask(before);
  }
});

test('a long data path: its sockets get a closed folder elsewhere', () => {
  const layout = prepareDataFolder(join(temporaryFolder(), 'x'.repeat(90)), me);
  prepareFolders(layout, me);
  onTestFinished(() => rmSync(layout.run, { recursive: true }));
  expect(layout.run.startsWith('/tmp/towpath-')).toBe(true);
  expect(statSync(layout.run).uid).toBe(me.uid);
  expect(modeOf(layout.run)).toBe(me.root ? 0o711 : 0o700);
});

test('a folder with other things in it is refused and left alone', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.tex'), '');
  const mode = modeOf(folder);
  expect(() => prepareDataFolder(folder, me)).toThrow(/not empty: it holds thesis\.tex/);
  expect(modeOf(folder)).toBe(mode);
});

test('a file where the folder should be is refused', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => prepareDataFolder(file, me)).toThrow('not a folder');
  expect(() => prepareDataFolder(file, me)).toThrow(expect.objectContaining({ code: 'unusable_folder' }));
  expect(() => prepareDataFolder(join(file, 'below'), me)).toThrow('not a folder');
});

test("another user's installation is refused", () => {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder);
  writeFileSync(join(folder, 'towpath.json'), '{}');
  const somebodyElse = { uid: me.uid + 1, root: false };
  expect(() => prepareDataFolder(folder, somebodyElse)).toThrow(`belongs to user ${me.uid}`);
});

test('a place in /tmp that somebody prepared for us is refused', () => {
  const folder = temporaryFolder();
  const link = join(folder, 'link');
  symlinkSync('/var', link);
  expect(() => prepareSharedPlace(link, me)).toThrow('belongs to somebody else');
  const theirs = join(folder, 'theirs');
  mkdirSync(theirs);
  expect(() => prepareSharedPlace(theirs, { uid: me.uid + 1, root: false })).toThrow('belongs to somebody else');
});

test('the same folder under two names is one installation', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  expect(prepareDataFolder(join(folder, 'link'), me).data).toBe(join(folder, 'real'));
  expect(existsSync(join(folder, 'link'))).toBe(true);
});

withParts(['root', 'proc'], () => {
  test('a full volume is named, before anything is written and while it is', ({ skip }) => {
    const volume = join(temporaryFolder(), 'volume');
    mkdirSync(volume);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1M', 'none', volume]).status !== 0)
      skip('needs the right to mount');
    onTestFinished(() => void spawnSync('umount', [volume]));
    expect(() => prepareDataFolder(join(volume, 'data'), me)).toThrow(/volume of .*data has \d+ MB left/);
    const file = join(volume, 'file');
    const write = (text: string) => onDisk(file, () => replaceFile(file, text, 0o600));
    write('before');
    expect(() => write('x'.repeat(2_000_000))).toThrow(`no space left on the volume of ${file}`);
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(volume).sort()).toEqual(['data', 'file']);
  });
});
