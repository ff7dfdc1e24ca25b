import { spawn } from 'node:child_process';
import { lstat, rm } from 'node:fs/promises';
import { TowpathError } from '@towpath/contract';

/**
 * Removes whatever lies there, also read-only folders and paths that are too long for one system call, which Node's own `rm` leaves.
 * Follows no links. Nothing there: nothing happens.
 */
export async function removeTree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return;
  // Most folders need no more, and starting a process costs a server of this size more than the removal.
  if (
    await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    )
  )
    return;
  if (found.isDirectory()) await run('chmod', ['-R', 'u+rwx', '--', path]);
  const { code, error } = await run('rm', ['-rf', '--', path]);
  if (code !== 0) throw new TowpathError('internal', `${path} could not be removed: ${error.slice(0, 500)}`);
}

/** Opens a copy of a sealed folder for whoever works in it. */
export async function makeWritable(path: string): Promise<void> {
  const { code, error } = await run('chmod', ['-R', 'u+w', '--', path]);
  if (code !== 0) throw new TowpathError('internal', `${path} could not be made writable: ${error.slice(0, 500)}`);
}

/** Puts what was written to the folder's file system onto the disk. Where `sync` knows no -f, it is left to time. */
export async function flushTree(path: string): Promise<void> {
  // One call for all: an fsync for each of thousands of files takes seconds.
  await run('sync', ['-f', '--', path]);
}

function run(program: string, argv: readonly string[]): Promise<{ code: number | null; error: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let error = '';
    child.stderr.on('data', (piece: Buffer) => {
      error = (error + piece).slice(0, 2_000);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, error }));
  });
}
