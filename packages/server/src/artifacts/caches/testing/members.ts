import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { expectWhole, install } from './scene.ts';

/** An install in a workspace: at the root, and in each of the members a package and a link to one of the root. */
export async function fill(root: string, members: readonly string[], text = 'kept'): Promise<void> {
  await install(join(root, 'node_modules'), text);
  for (const member of members) {
    const place = join(root, member, 'node_modules');
    await mkdir(join(place, 'p'), { recursive: true });
    await writeFile(join(place, 'p/index.js'), `${text} ${member}`);
    await symlink(linkOf(member), join(place, 'p0'));
  }
}

export async function expectFilled(root: string, members: readonly string[], text = 'kept'): Promise<void> {
  await expectWhole(join(root, 'node_modules'), text);
  for (const member of members) {
    const place = join(root, member, 'node_modules');
    expect(await readFile(join(place, 'p/index.js'), 'utf8')).toBe(`${text} ${member}`);
    expect(await readlink(join(place, 'p0'))).toBe(linkOf(member));
    expect(await readFile(join(place, 'p0/lib/index.js'), 'utf8')).toBe(`${text} 0`);
  }
}

const linkOf = (member: string): string => relative(join(member, 'node_modules'), 'node_modules/p0');
