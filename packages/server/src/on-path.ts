import { access, constants, readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';

/** The folders of the PATH; relative ones would lead into whatever folder a command runs in. */
export function pathOf({ PATH = '' }: Readonly<Record<string, string>>): string[] {
  return PATH.split(delimiter).filter((folder) => folder.startsWith('/'));
}

export async function firstOn(path: readonly string[], program: string): Promise<string | null> {
  for (const folder of path) {
    const found = join(folder, program);
    if (await isProgram(found)) return found;
  }
  return null;
}

export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

const Package = z.object({ name: z.string(), version: z.string() });

/** The package from npm that a program belongs to: asking the program itself takes long, and could make it fetch another one. */
export async function packageOf(program: string): Promise<z.infer<typeof Package> | null> {
  const place = await realpath(program).catch(() => program);
  for (let folder = dirname(place), up = 0; up < 3; folder = dirname(folder), up++) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
    if (text !== null) return Package.safeParse(parsed(text)).data ?? null;
  }
  return null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
