import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { readSmall, replaceFile } from './durable.ts';
import { failpoint } from './failpoints.ts';
import { safeName } from './process/names.ts';

/** An owner not heard of for so long has no server left that could be late. */
const forgottenAfterMs = 30 * 24 * 3_600_000;

/**
 * The highest epoch seen of each owner, on disk. Not synced: a power failure ends every server that could be stale, too.
 */
export class Epochs {
  readonly #root: string;
  readonly #highest = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(root)) {
      const path = join(root, name);
      if (Date.now() - statSync(path).mtimeMs > forgottenAfterMs) rmSync(path);
    }
  }

  /** Throws stale_epoch when a higher one was seen; otherwise from now on refuses lower ones. */
  admit(owner: string, epoch: number): void {
    const highest = this.#of(owner);
    if (epoch < highest) {
      throw new TowpathError(
        'stale_epoch',
        `${owner}: epoch ${epoch} is over: a server with epoch ${highest} has taken over`,
      );
    }
    if (epoch === highest) return;
    failpoint('supervisor.epoch.before');
    replaceFile(this.#pathOf(owner), `${epoch}\n`);
    failpoint('supervisor.epoch.after');
    this.#highest.set(owner, epoch);
  }

  #of(owner: string): number {
    const known = this.#highest.get(owner);
    if (known !== undefined) return known;
    const [, digits = '0'] = /^(\d+)\n$/.exec(readSmall(this.#pathOf(owner)) ?? '') ?? [];
    this.#highest.set(owner, Number(digits));
    return Number(digits);
  }

  #pathOf(owner: string): string {
    return join(this.#root, safeName(owner));
  }
}
