import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { postgresSocketName } from '../layout.ts';
import type { Place } from './place.ts';

/**
 * PostgreSQL refuses to start while there is any process of the number that its locks name. After a reboot or in a restarted container that may
 * be another program, or a zombie that nobody reaps. The locks go only when such a process is there and none works in the cluster's folder, where
 * every process of PostgreSQL does; all else PostgreSQL sorts out by itself. Where there is no /proc nothing is done.
 */
export function removeStaleLocks({ cluster, socketFolder }: Place): void {
  for (const lock of [join(cluster, 'postmaster.pid'), join(socketFolder, `${postgresSocketName}.lock`)]) {
    if (!existsSync(lock)) continue;
    const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
    if (existsSync(`/proc/${pid}`) && !isWorkedIn(cluster)) rmSync(lock);
  }
}

function isWorkedIn(folder: string): boolean {
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && folderOf(name) === folder);
}

/** Null for processes of others, which PostgreSQL's are not, and for zombies. */
function folderOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
