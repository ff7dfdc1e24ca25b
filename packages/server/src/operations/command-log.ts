import { setTimeout as sleep } from 'node:timers/promises';
import type { Executor } from '../executors/executor.ts';
import type { Mask } from '../secrets/mask.ts';

/** Between two looks whether a command that was asked for has begun. */
const lookMs = 50;

export interface LogWish {
  /** Bytes of the masked output that the reader has. */
  readonly offset: number;
  readonly follow: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Has that ended which runs the command? Then nothing more comes. */
  readonly over: () => Promise<boolean>;
}

/**
 * The output of a command without secrets. Always read from its beginning: going on from the middle of a secret would show the rest of
 * it. With follow, a command that has not begun is waited for.
 */
export async function* commandLog(executor: Executor, key: string, mask: Mask, wish: LogWish): AsyncGenerator<Buffer> {
  const options = { follow: wish.follow, ...(wish.signal === undefined ? {} : { signal: wish.signal }) };
  while (wish.follow && (await executor.observe(key)) === null && !(await wish.over())) {
    await sleep(lookMs, undefined, wish.signal === undefined ? {} : { signal: wish.signal });
  }
  const masker = mask.stream();
  let skip = wish.offset;
  const rest = (bytes: Uint8Array): Buffer => {
    const kept = Buffer.from(bytes.subarray(Math.min(skip, bytes.length)));
    skip = Math.max(0, skip - bytes.length);
    return kept;
  };
  for await (const chunk of executor.logs(key, 0, options)) yield rest(masker.push(chunk));
  yield rest(masker.flush());
}
