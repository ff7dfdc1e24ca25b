import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's code for "somebody else holds the lock". */
const busy = 5;

/**
 * Holds a data folder for this process; false when another process does. The lock is the kernel's (SQLite takes it on lock.db for an
 * exclusive transaction), so it ends with the process, however that dies, and two that start at once can't both get it.
 */
export function holdFolder(dataDir: string): boolean {
  const database = new DatabaseSync(join(dataDir, 'lock.db'));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    held.push(database);
    return true;
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return false;
    throw error;
  }
}

/** Kept from the garbage collector, which would close the file and with it give up the lock. */
const held: DatabaseSync[] = [];
