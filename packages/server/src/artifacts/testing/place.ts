import { execFile } from 'node:child_process';
import { access, lstat, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Bundles, openBundles } from '../bundles.ts';

export const run = promisify(execFile);

/** A data folder with bundles. */
export interface Workshop {
  readonly data: string;
  readonly bundles: Bundles;
  /** A new place with these files, not sealed yet. */
  build(files?: Record<string, string | Buffer>): Promise<string>;
  close(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const data = await realpath(await mkdtemp(join(tmpdir(), 'towpath bundles ')));
  const bundles = openBundles(data);
  let count = 0;
  return {
    data,
    bundles,
    async build(files = { 'a/b': 'c' }) {
      const place = bundles.place(1, `key-${++count}`);
      await mkdir(place, { recursive: true });
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(place, name)), { recursive: true });
        await writeFile(join(place, name), content);
      }
      return place;
    },
    async close() {
      await run('chmod', ['-R', 'u+rwx', data]);
      await run('rm', ['-rf', data]);
    },
  };
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & 0o7777;
}
