import { TowpathError } from '@towpath/contract';
import { patiently } from '../engine/patience.ts';
import type { CommandState, StageCommand } from '../executors/executor.ts';
import { failpoint } from '../failpoints.ts';
import { runById } from '../store/runs.ts';
import { type Attempt, outcome, type StageOutcome } from './act.ts';

/** One answer of the executor; when nothing ended by then it is asked again. */
const observeMs = 20_000;
/** What a stage gets between the polite request and the end by force. */
const graceMs = 5_000;

/** Runs a script of the service's own commands as one stage: each line is shown, the first that fails ends it. */
export async function runScript(attempt: Attempt, folder: string, commands: readonly string[]): Promise<StageOutcome> {
  const { act } = attempt;
  const script = commands.map((command) => `printf '%s\\n' ${quoted(`$ ${command}`)}\n${command}`).join('\n');
  const command: StageCommand = {
    argv: ['sh', '-e', '-c', script],
    cwd: folder,
    env: {
      ...act.house.baseEnv,
      CI: 'true',
      TOWPATH_RUN: String(act.run.id),
      TOWPATH_SERVICE: act.service.name,
      TOWPATH_BRANCH: act.run.branch,
      TOWPATH_COMMIT: act.run.commit,
    },
    timeoutMs: act.run.settings.stageMs,
  };
  return act.house.slots.run(() => follow(attempt, command));
}

/** A word that the shell takes literally. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Submits the command under the attempt's key, or attaches to it, and waits for its end. When the run is cancelled meanwhile, the
 * command and all that it started are ended first.
 */
async function follow(attempt: Attempt, command: StageCommand): Promise<StageOutcome> {
  const { act, key } = attempt;
  const { executor } = act.house;
  await patiently(() => executor.submit(key, command, act.claim));
  failpoint('stage.submitted');
  const over = new AbortController();
  try {
    const cancelled = watchForCancel(attempt, over.signal);
    let asked = false;
    for (;;) {
      const look = new AbortController();
      const ended = patiently(() =>
        executor.observe(key, { waitMs: observeMs, signal: AbortSignal.any([over.signal, look.signal]) }),
      );
      const first = await (asked ? ended : Promise.race([ended, cancelled]));
      if (first === 'cancelled') {
        asked = true;
        look.abort();
        await ended.catch(() => null);
        await patiently(() => executor.cancel(key, graceMs, act.claim));
        continue;
      }
      if (first === null) throw new TowpathError('unknown_process', `the command of ${key} is unknown to its executor`);
      if (first.status === 'running') continue;
      failpoint('stage.ended');
      return toOutcome(first, asked);
    }
  } finally {
    over.abort();
  }
}

function toOutcome(state: CommandState, asked: boolean): StageOutcome {
  if (asked || state.status === 'cancelled') return outcome('cancelled', 'cancelled while it ran', state.exitCode);
  if (state.exitCode === 0) return outcome('succeeded', null, 0);
  return outcome('failed', state.reason ?? `exited with code ${state.exitCode}`, state.exitCode);
}

async function watchForCancel(attempt: Attempt, signal: AbortSignal): Promise<'cancelled'> {
  const { house, run } = attempt.act;
  const asked = async () => ((await runById(house.db, run.id)).cancelledBy === null ? null : ('cancelled' as const));
  return house.changes.until('run', run.id, asked, { signal }).catch((error: unknown) => {
    if (signal.aborted) return new Promise<never>(() => {});
    throw error;
  });
}
