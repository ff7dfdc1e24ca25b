import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';

const most = 500;
/** Files are stamped with the kernel's coarse clock, which stays behind the fine one by up to a tick: 10 ms at the slowest usual rate. */
const tickMs = 10;

/** Files of these places (globs) below the folder that were written since then; relative, at most 500. What cannot be looked at is absent. */
export async function freshFiles(folder: string, places: readonly string[], since: Date): Promise<string[]> {
  const found: string[] = [];
  for await (const file of glob([...places], { cwd: folder })) {
    const written = await stat(join(folder, file)).catch(() => null);
    if (written?.isFile() && written.mtimeMs >= since.getTime() - tickMs) found.push(file);
    if (found.length === most) break;
  }
  return found.sort();
}
