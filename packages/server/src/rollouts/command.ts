import { TowpathError } from '@towpath/contract';
import type { Claim } from '../domain/claim.ts';
import { patiently } from '../engine/patience.ts';
import type { CommandState, StageCommand } from '../executors/executor.ts';
import { failpoint } from '../failpoints.ts';
import type { Topic } from '../store/changes.ts';
import type { RolloutHouse } from './house.ts';

/** One answer of the executor; when nothing ended by then it is asked again. */
const observeMs = 20_000;
/** What a command gets between the polite request and the end by force. */
const graceMs = 10_000;

/** Where to look for somebody's wish that a command ends, after every change of the thing. */
export type WishAt<W> = readonly [topic: Topic, id: number, look: () => Promise<W | null>];

/**
 * Submits a command under its key, or attaches to it, and waits for its end. As soon as somebody wishes it, the command and all that it
 * started are ended.
 */
export async function commandEnd<W>(
  { executor, changes }: Pick<RolloutHouse, 'executor' | 'changes'>,
  key: string,
  command: StageCommand,
  held: Claim,
  [topic, id, look]: WishAt<W>,
): Promise<{ state: CommandState; wish: W | null }> {
  await patiently(() => executor.submit(key, command, held));
  failpoint('command.submitted');
  const over = new AbortController();
  const wished = changes.until(topic, id, look, { signal: over.signal }).then((wish) => ({ wish }));
  // Nobody asks any more once the command has ended.
  wished.catch(() => {});
  let asked: { wish: W } | null = null;
  try {
    for (;;) {
      const gaze = new AbortController();
      const state = patiently(() => executor.observe(key, { waitMs: observeMs, signal: gaze.signal }));
      const first: CommandState | { wish: W } | null = await (asked === null ? Promise.race([state, wished]) : state);
      if (first === null) throw new TowpathError('unknown_process', `the command of ${key} is unknown to its executor`);
      if ('wish' in first) {
        asked = first;
        gaze.abort();
        await state.catch(() => null);
        await patiently(() => executor.cancel(key, graceMs, held));
      } else if (first.status !== 'running') {
        failpoint('command.ended');
        return { state: first, wish: asked?.wish ?? null };
      }
    }
  } finally {
    over.abort();
  }
}
