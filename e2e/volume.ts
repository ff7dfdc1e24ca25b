import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { start } from './program.ts';

const chunk = Buffer.alloc(64 * 1024);

/** A small file system in memory, to be filled to its last byte. */
export class Volume {
  static readonly missing = 'needs to mount a small volume: run it as root, where mounting is allowed';
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** Mounts one on a new folder; null where this user or machine does not allow it. */
  static async mount(folder: string, megabytes: number, env: NodeJS.ProcessEnv): Promise<Volume | null> {
    mkdirSync(folder);
    const argv = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder];
    const { code } = await start('mount', argv, { cwd: '/', env }).ended.catch(() => ({ code: 1 }));
    return code === 0 ? new Volume(folder, env) : null;
  }

  async unmount(): Promise<void> {
    await start('umount', [this.folder], { cwd: '/', env: this.#env }).ended;
  }

  /** Leaves not a byte for anybody else. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'a');
    try {
      for (;;) writeSync(file, chunk);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'));
  }
}
