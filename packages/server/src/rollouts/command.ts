import { TowpathError } from '@towpath/contract';
import type { Claim } from '../domain/claim.ts';
import { patiently } from '../engine/patience.ts';
import type { CommandState, Executor, StageCommand } from '../executors/executor.ts';
import { failpoint } from '../failpoints.ts';

/** One answer of the executor; when nothing ended by then it is asked again. */
const observeMs = 20_000;
/** What a command gets between the polite request and the end by force. */
const graceMs = 10_000;

/**
 * Submits a command under its key, or attaches to it, and waits for its end. As soon as `wish` resolves, the command and all that it
 * started are ended.
 */
export async function commandEnd<W>(
  executor: Executor,
  key: string,
  command: StageCommand,
  held: Claim,
  wish: Promise<W>,
): Promise<{ state: CommandState; wish: W | null }> {
  await patiently(() => executor.submit(key, command, held));
  failpoint('command.submitted');
  const wished = wish.then((value) => ({ value }));
  let ended: { value: W } | null = null;
  for (;;) {
    const look = new AbortController();
    const state = patiently(() => executor.observe(key, { waitMs: observeMs, signal: look.signal }));
    const first: CommandState | { value: W } | null = await (ended === null ? Promise.race([state, wished]) : state);
    if (first !== null && 'value' in first) {
      ended = first;
      look.abort();
      await state.catch(() => null);
      await patiently(() => executor.cancel(key, graceMs, held));
      continue;
    }
    if (first === null) throw new TowpathError('unknown_process', `the command of ${key} is unknown to its executor`);
    if (first.status === 'running') continue;
    failpoint('command.ended');
    return { state: first, wish: ended?.value ?? null };
  }
}
