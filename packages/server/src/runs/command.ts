import { TowpathError } from '@towpath/contract';
import { programsEnv } from '../domain/path/programs.ts';
import { patiently } from '../engine/patience.ts';
import { refusalOf } from '../engine/refusal.ts';
import type { CommandState, StageCommand } from '../executors/executor.ts';
import { failpoint } from '../failpoints.ts';
import { runById } from '../store/runs.ts';
import { type Attempt, cancelled, outcome, type StageOutcome } from './act.ts';
import { downloadsOf } from './downloads.ts';
import { programsOf, settingsOf } from './settings.ts';
import { requireChosen } from './toolchains.ts';

/** One answer of the executor; when nothing ended by then it is asked again. */
const observeMs = 20_000;
/** What a stage gets between the polite request and the end by force. */
const graceMs = 5_000;

/** A command of the service's own, or shell text of ours, which shows itself what it does. */
export type ScriptLine = string | { readonly script: string };

/** Runs a script as one stage: each command is shown, the first that fails ends it. `env` comes on top of what every stage inherits. */
export async function runScript(
  attempt: Attempt,
  folder: string,
  lines: readonly ScriptLine[],
  env: Readonly<Record<string, string>> = {},
): Promise<StageOutcome> {
  const { act } = attempt;
  const missing = await requireChosen(attempt).then(() => null, refusalOf);
  if (missing !== null) return outcome('failed', missing);
  const { settings } = await settingsOf(act);
  const script = lines.map((line) => (typeof line === 'string' ? shown(line) : line.script)).join('\n');
  const command: StageCommand = {
    argv: ['sh', '-e', '-c', script],
    cwd: folder,
    env: {
      ...act.house.baseEnv,
      ...programsEnv(folder, await programsOf(act), act.house.baseEnv.PATH),
      ...(await downloadsOf(attempt)),
      CI: 'true',
      ...settings.env,
      TOWPATH_RUN: String(act.run.id),
      TOWPATH_SERVICE: act.service.name,
      TOWPATH_BRANCH: act.run.branch,
      TOWPATH_COMMIT: act.run.commit,
      ...env,
    },
    timeoutMs: settings.stageMs,
  };
  const over = new AbortController();
  const wish = cancelWish(attempt, over.signal);
  const turn = new AbortController();
  wish.then(
    (by) => turn.abort(new CancelledInQueue(by)),
    () => {},
  );
  try {
    return await act.house.slots.run(() => follow(attempt, command, wish), turn.signal);
  } catch (error) {
    if (error instanceof CancelledInQueue) return cancelled(error.by);
    throw error;
  } finally {
    over.abort();
  }
}

/** The run was cancelled before it was its command's turn. */
class CancelledInQueue extends Error {
  readonly by: string;

  constructor(by: string) {
    super(`cancelled by ${by}`);
    this.by = by;
  }
}

/** Shell text that prints the command and runs it. */
export function shown(command: string): string {
  return `printf '%s\\n' ${quoted(`$ ${command}`)}\n${command}`;
}

/** A word that the shell takes literally. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Submits the command under the attempt's key, or attaches to it, and waits for its end. When the run is cancelled meanwhile, the
 * command and all that it started are ended first.
 */
async function follow(attempt: Attempt, command: StageCommand, wish: Promise<string>): Promise<StageOutcome> {
  const { act, key } = attempt;
  const { executor } = act.house;
  await patiently(() => executor.submit(key, command, act.claim));
  failpoint('stage.submitted');
  let cancelledBy: string | null = null;
  for (;;) {
    const look = new AbortController();
    const state = patiently(() => executor.observe(key, { waitMs: observeMs, signal: look.signal }));
    const first: CommandState | string | null = await (cancelledBy === null ? Promise.race([state, wish]) : state);
    if (typeof first === 'string') {
      cancelledBy = first;
      look.abort();
      await state.catch(() => null);
      await patiently(() => executor.cancel(key, graceMs, act.claim));
      continue;
    }
    if (first === null) throw new TowpathError('unknown_process', `the command of ${key} is unknown to its executor`);
    if (first.status === 'running') continue;
    failpoint('stage.ended');
    // Ended by itself, it is what it is; the next stage sees the cancel.
    if (first.exitCode === 0 && cancelledBy === null) return outcome('succeeded', null, { exitCode: 0 });
    return toOutcome(first, cancelledBy ?? (await runById(act.house.db, act.run.id)).cancelledBy);
  }
}

function toOutcome(state: CommandState, cancelledBy: string | null): StageOutcome {
  const { exitCode } = state;
  if (cancelledBy !== null) return cancelled(cancelledBy, exitCode);
  if (state.status === 'cancelled') return outcome('cancelled', 'ended from outside', { exitCode });
  return outcome('failed', state.reason ?? `exited with code ${exitCode}`, { exitCode });
}

/** Who wants the run to end, as soon as somebody does. */
async function cancelWish({ act }: Attempt, signal: AbortSignal): Promise<string> {
  const { house, run } = act;
  const look = async () => (await runById(house.db, run.id)).cancelledBy;
  return house.changes.until('cancel', run.id, look, { signal }).catch((error: unknown) => {
    if (signal.aborted) return new Promise<never>(() => {});
    throw error;
  });
}
