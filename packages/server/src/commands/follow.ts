import { TowpathError } from '@towpath/contract';
import type { Claim } from '../domain/claim.ts';
import { patiently } from '../engine/patience.ts';
import type { CommandState, Executor, StageCommand } from '../executors/executor.ts';
import { failpoint } from '../failpoints.ts';
import type { Logs } from '../logs/logs.ts';
import type { Mask } from '../secrets/mask.ts';

/** One answer of the executor; when nothing ended by then it is asked again. */
const observeMs = 20_000;

/** A command, and what it takes to attach to it again. */
export interface Followed {
  readonly key: string;
  readonly command: StageCommand;
  readonly claim: Claim;
  /** Between the polite request to end and the end by force, in ms. */
  readonly graceMs: number;
  /** Where what it prints is stored, without secrets. */
  readonly log: { readonly key: string; readonly mask: Mask };
  /** For the places where a crash can be ordered. */
  readonly kind: 'stage' | 'command';
}

/** Where commands run, and where what they print is kept. */
export interface Recording {
  readonly executor: Executor;
  readonly logs: Pick<Logs, 'store'>;
}

/** How a command ended, and the wish by which it was asked to. */
export interface End<W> {
  readonly state: CommandState;
  /** Null: it ended by itself. */
  readonly wish: W | null;
}

/**
 * Submits a command under its key, or attaches to it, and waits for its end, whatever is away meanwhile. As soon as the wish is there, the
 * command and all that it started are ended. By then all that it printed is stored. Throws `unknown_process` when the executor has lost it.
 */
export async function follow<W>({ executor, logs }: Recording, followed: Followed, wish: Promise<W>): Promise<End<W>> {
  const { key, command, claim, graceMs, kind, log } = followed;
  const wished = wish.then((wish) => ({ wish }));
  // Nobody asks any more once the command has ended.
  wished.catch(() => {});
  await patiently(() => executor.submit(key, command, claim));
  failpoint(`${kind}.submitted`);
  const stored = logs.store({
    ...log,
    source: key,
    claim,
    read: (offset, signal) => executor.logs(key, offset, { follow: true, signal }),
    back: () => executor.observe(key),
  });
  stored.catch(() => {});
  let asked: { readonly wish: W } | null = null;
  for (;;) {
    const look = new AbortController();
    const state = patiently(() => executor.observe(key, { waitMs: observeMs, signal: look.signal }));
    const first: CommandState | { wish: W } | null = await (asked === null ? Promise.race([state, wished]) : state);
    if (first === null) throw new TowpathError('unknown_process', `the command of ${key} is unknown to its executor`);
    if ('wish' in first) {
      asked = first;
      look.abort();
      await state.catch(() => null);
      await patiently(() => executor.cancel(key, graceMs, claim));
    } else if (first.status !== 'running') {
      failpoint(`${kind}.ended`);
      await stored;
      failpoint('log.complete');
      return { state: first, wish: asked?.wish ?? null };
    }
  }
}
