import type { CheckResult, TestReport } from '@towpath/contract';
import { type CheckKind, checkCommands, type ToRun } from '../../domain/path/outline.ts';
import { summary } from '../../domain/reports/summary.ts';
import { noteAttempt } from '../../store/attempts.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { checkResults, checksFile, checksInWords, checksScript } from '../check-results.ts';
import { runScript } from '../command.ts';
import { settingsOf } from '../settings.ts';
import { readTestReport } from '../test-report.ts';
import { serviceFolder } from '../workspace.ts';

/** The service's own tests, in its workspace: they pass with exit code 0; what they say of themselves is read for people. */
export async function unit(attempt: Attempt): Promise<StageOutcome> {
  const check = await given(attempt, 'unit');
  if ('over' in check) return check.over;
  const { run, folder } = check;
  const ended = await runScript(attempt, folder, typeof run === 'string' ? [run] : Object.values(run));
  if (ended.status !== 'succeeded' && ended.status !== 'failed') return ended;
  const report = await readTestReport(attempt, folder);
  if (report === null) return ended;
  await note(attempt, { report });
  // Tests that passed and a command that failed: its exit says why, not the tests.
  if (ended.status === 'failed' && report.failed === 0) return ended;
  return { ...ended, reason: summary(report) };
}

/** Linter, types, formatter: those that are set up, each with its own result. */
export async function quality(attempt: Attempt): Promise<StageOutcome> {
  const check = await given(attempt, 'quality');
  if ('over' in check) return check.over;
  const { run, folder } = check;
  if (typeof run === 'string') return runScript(attempt, folder, [run]);
  const { act, number } = attempt;
  const file = checksFile(act.workspace, number);
  const ended = await runScript(attempt, folder, [{ script: checksScript(run, file) }]);
  if (ended.status !== 'succeeded' && ended.status !== 'failed') return ended;
  const notes = act.house.view(act.workspace).read(file.slice(act.workspace.length + 1));
  const results = checkResults(Object.keys(run), notes ?? '');
  await note(attempt, { checks: results });
  return { ...ended, reason: checksInWords(results) };
}

/** What is to be run and where, or why there is nothing: then its owner is told how to change that. */
async function given(
  { act, stage }: Attempt,
  kind: CheckKind,
): Promise<{ readonly run: ToRun; readonly folder: string } | { readonly over: StageOutcome }> {
  if (stage.skip !== undefined) return { over: outcome('skipped', stage.skip) };
  const resolution = await settingsOf(act);
  const does = checkCommands(kind, resolution, act.service.name);
  if ('skip' in does) return { over: outcome('skipped', does.skip) };
  return { run: does.run, folder: serviceFolder(act.workspace, resolution.settings.folder) };
}

function note({ act, index, number }: Attempt, said: { report?: TestReport; checks?: CheckResult[] }): Promise<void> {
  return act.write((tx) => noteAttempt(tx, { runId: act.run.id, index, attempt: number }, said));
}
