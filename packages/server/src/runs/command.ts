import { type End, follow } from '../commands/follow.ts';
import { programsEnv } from '../domain/path/programs.ts';
import { refusalOf } from '../engine/refusal.ts';
import type { StageCommand } from '../executors/executor.ts';
import { createMask } from '../secrets/mask.ts';
import { cancelledBy } from '../store/runs.ts';
import { type Attempt, cancelled, outcome, type RunAct, type StageOutcome } from './act.ts';
import { downloadsOf } from './downloads.ts';
import { programsOf, settingsOf } from './settings.ts';
import { requireChosen } from './toolchains.ts';

/** What a stage gets between the polite request and the end by force, in ms. */
const graceMs = 5_000;

/** A stage is given none. */
const noSecrets = createMask([]);

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
      ...(await downloadsOf(act)),
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
  const turn = new AbortController();
  act.cancelled.then(
    (by) => turn.abort(new CancelledInQueue(by)),
    () => {},
  );
  try {
    const { key } = attempt;
    const { house } = act;
    const followed = { key, command, claim: act.claim, graceMs, log: { key, mask: noSecrets }, kind: 'stage' } as const;
    return await toOutcome(act, await house.slots.run(() => follow(house, followed, act.cancelled), turn.signal));
  } catch (error) {
    if (error instanceof CancelledInQueue) return cancelled(error.by);
    throw error;
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

async function toOutcome({ house, run }: RunAct, { state, wish }: End<string>): Promise<StageOutcome> {
  const { status, exitCode, reason } = state;
  // Ended by itself, it is what it is; the next stage sees the cancel.
  if (exitCode === 0 && wish === null) return outcome('succeeded', null, { exitCode });
  const by = wish ?? (await cancelledBy(house.db, run.id));
  if (by !== null) return cancelled(by, exitCode);
  if (status === 'cancelled') return outcome('cancelled', 'ended from outside', { exitCode });
  return outcome('failed', reason ?? `exited with code ${exitCode}`, { exitCode });
}
