import { receipt } from './receipt.js';

/** Does the jobs that wait, one by one; after a signal the one at hand is still finished. Answers how many it did. */
export async function workOff(queue, signal) {
  for (let done = 0; ; done++) {
    const next = signal?.aborted ? null : await queue.take();
    if (next === null) return done;
    await queue.finish(next.id, { text: receipt(next.job) });
  }
}
