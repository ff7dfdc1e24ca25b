import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { pause, unlessAborted } from '../process/timers.ts';

const chunkBytes = 64 * 1024;
/** A program that prints line by line is not read line by line. */
const shortestPauseMs = 5;
/** In case the machine has no watch to give, or gives one that misses something. */
const lookEveryMs = 25;
const lookEveryMsWatched = 500;

/** What to read, and how far. */
export interface LogWish {
  readonly path: string;
  /** In bytes. */
  readonly offset: number;
  /** Its program may have emptied it (`> /dev/stderr` in a service's script does so), also while nobody read: then it goes on from its new start. */
  readonly mayShrink: boolean;
  /** Aborted when nothing is written any more. Null: what is there now is all that is wanted. */
  readonly over: AbortSignal | null;
}

/** The bytes of a growing file from an offset; with `over`, until that is aborted and everything written before was given. */
export async function* readLog(
  { path, offset, mayShrink, over }: LogWish,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await open(path);
  const growth = over === null ? null : watchGrowth(path, over);
  try {
    let position = mayShrink && (await file.stat()).size < offset ? 0 : offset;
    for (;;) {
      // What is known before reading: after the end nothing is written any more.
      const last = growth === null || growth.over;
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
        if (signal.aborted) return;
        if (bytesRead === 0) break;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (last) return;
      const { size } = await file.stat();
      if (size < position && mayShrink) position = 0;
      else if (size <= position) await growth.change(signal);
      if (signal.aborted) return;
    }
  } finally {
    growth?.close();
    await file.close();
  }
}

/** Tells when to look again. */
function watchGrowth(path: string, end: AbortSignal) {
  let changed = Promise.withResolvers<void>();
  const tell = () => changed.resolve();
  const watcher = watchFile(path, tell);
  const timer = setInterval(tell, watcher === null ? lookEveryMs : lookEveryMsWatched);
  end.addEventListener('abort', tell);
  return {
    get over() {
      return end.aborted;
    },
    async change(signal: AbortSignal): Promise<void> {
      if (end.aborted) return;
      await unlessAborted(changed.promise, signal);
      changed = Promise.withResolvers<void>();
      if (!end.aborted) await pause(shortestPauseMs, end, signal);
    },
    close() {
      end.removeEventListener('abort', tell);
      clearInterval(timer);
      watcher?.close();
    },
  };
}

function watchFile(path: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(path, onChange);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}
