import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withParts } from '../../../../../scripts/parts.ts';
import { pythonHolders } from '../../domain/cache/python-installs.ts';
import type { Planned } from './testing/planned.ts';
import { eachWithScene, ours, trusted } from './testing/scene.ts';

const at = eachWithScene();
const timeout = 120_000;
const run = async (program: string, ...argv: string[]) => (await promisify(execFile)(program, argv)).stdout.trim();

withParts(['python'], () => {
  /** A plan for a new checkout in which a virtual environment goes. */
  async function plan(): Promise<Planned> {
    const made = await at.scene.checkout();
    return {
      ...made,
      folders: ['.venv'],
      place: join(dirname(made.place), '.venv'),
      holders: pythonHolders,
      linksOut: true,
      only: ['pip', 'setuptools', 'greet'],
    };
  }

  /** A real one with a package, its program, and a module that says where it is. */
  async function install(place: string, name = 'greet', ...words: string[]): Promise<void> {
    await run('python3', '-m', 'venv', ...words, place);
    const packages = join(place, 'lib', (await readdir(join(place, 'lib')))[0] ?? '', 'site-packages');
    await mkdir(join(packages, `${name}-1.0.dist-info`));
    await writeFile(join(packages, `${name}.py`), 'import sys\nprint(sys.prefix)\n');
    const program = `#!${join(place, 'bin/python')}\nimport ${name}\n`;
    await writeFile(join(place, 'bin', name), program, { mode: 0o755 });
  }

  test('a virtual environment works where it is restored, by its programs and by itself', { timeout }, async () => {
    const first = await plan();
    await install(first.place);
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    await rm(first.place, { recursive: true });
    // One that lay ready, and one that is made when it is asked for.
    for (const prepare of [() => at.scene.caches.settled(), () => at.scene.dropSpares()]) {
      await prepare();
      const next = await plan();
      expect(await at.scene.caches.restore(next, trusted, ours)).not.toBeNull();
      expect(await run(join(next.place, 'bin/greet'))).toBe(next.place);
      expect(await run(join(next.place, 'bin/python'), '-m', 'greet')).toBe(next.place);
      expect(await run(join(next.place, 'bin/python'), '-m', 'pip', '--version')).toContain(next.place);
      expect(await run('sh', '-c', `. "$0/bin/activate"; echo "$VIRTUAL_ENV"`, next.place)).toBe(next.place);
      expect(await run('grep', '-rIl', first.place, next.place).catch(() => '')).toBe('');
    }
    expect(at.scene.troubles).toEqual([]);
  });

  test('one with a package that no file names is not kept', { timeout }, async () => {
    const made = await plan();
    await install(made.place, 'guest', '--without-pip');
    expect(await at.scene.caches.save(made, trusted, ours)).toBe(false);
    expect(at.scene.entries()).toEqual([]);
  });

  test('nor one with a link back into the folder that it was made in', { timeout }, async () => {
    const made = await plan();
    await install(made.place, 'greet', '--without-pip');
    await symlink(join(made.place, 'bin/greet'), join(made.place, 'bin/hello'));
    expect(await at.scene.caches.save(made, trusted, ours)).toBe(false);
  });

  test('what Poetry and Pipenv note of the project leads to where it is restored', { timeout }, async () => {
    const first = await plan();
    await install(first.place, 'greet', '--without-pip');
    const packages = join('lib', (await readdir(join(first.place, 'lib')))[0] ?? '', 'site-packages');
    await writeFile(join(first.place, '.project'), dirname(first.place));
    await writeFile(join(first.place, packages, 'greet.pth'), `${dirname(first.place)}/src\n`);
    const source = { dir_info: { editable: true }, url: `file://${dirname(first.place)}` };
    await writeFile(join(first.place, packages, 'greet-1.0.dist-info/direct_url.json'), JSON.stringify(source));
    await writeFile(join(first.place, packages, 'greet-1.0.dist-info/RECORD'), `${first.place}/x,,\n`);
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    await rm(first.place, { recursive: true });
    const next = await plan();
    expect(await at.scene.caches.restore(next, trusted, ours)).not.toBeNull();
    expect(await readFile(join(next.place, '.project'), 'utf8')).toBe(dirname(next.place));
    await mkdir(join(dirname(next.place), 'src'));
    await writeFile(join(dirname(next.place), 'src/ours.py'), 'print("ours")\n');
    expect(await run(join(next.place, 'bin/python'), '-m', 'ours')).toBe('ours');
    expect(await run('grep', '-rIl', dirname(first.place), next.place).catch(() => '')).toBe('');
  });

  test('where the Python that made it is gone, nothing is restored', { timeout }, async () => {
    const first = await plan();
    await install(first.place, 'greet', '--without-pip');
    for (const name of ['python', 'python3']) await rm(join(first.place, 'bin', name));
    await symlink('/nowhere/bin/python3', join(first.place, 'bin/python'));
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    const next = await plan();
    expect(await at.scene.caches.restore(next, trusted, ours)).toBeNull();
    expect(at.scene.troubles).toEqual([expect.stringContaining('is gone')]);
  });

  test('where the path would be too long for a first line, nothing is restored', { timeout }, async () => {
    const first = await plan();
    await install(first.place, 'greet', '--without-pip');
    expect(await at.scene.caches.save(first, trusted, ours)).toBe(true);
    const far = join(dirname(first.place), 'far'.repeat(60));
    await mkdir(far);
    expect(await at.scene.caches.restore({ ...first, root: far }, trusted, ours)).toBeNull();
    expect(await readdir(far)).toEqual([]);
    expect(at.scene.troubles).toEqual([expect.stringContaining('too long a path')]);
  });
});
