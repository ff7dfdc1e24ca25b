import type { CheckResult, TestReport } from '@towpath/contract';
import type { ServiceSettings } from '../../domain/path/settings.ts';
import { summary } from '../../domain/reports/summary.ts';
import { noteAttempt } from '../../store/attempts.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { checkResults, checksFile, checksInWords, checksScript } from '../check-results.ts';
import { runScript } from '../command.ts';
import { originOf, settingsOf } from '../settings.ts';
import { readTestReport } from '../test-report.ts';
import { serviceFolder } from '../workspace.ts';

/** The service's own tests, in its workspace: they pass with exit code 0; what they say of themselves is read for people. */
export async function unit(attempt: Attempt): Promise<StageOutcome> {
  const test = await given(attempt, 'test', (settings) => settings.test, '--test');
  if ('over' in test) return test.over;
  const folder = await folderOf(attempt);
  const ended = await runScript(attempt, folder, [test.run]);
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
  const checks = await given(attempt, 'quality', (settings) => settings.quality, '--quality');
  if ('over' in checks) return checks.over;
  const folder = await folderOf(attempt);
  if (typeof checks.run === 'string') return runScript(attempt, folder, [checks.run]);
  const { act, number } = attempt;
  const file = checksFile(act.workspace, number);
  const ended = await runScript(attempt, folder, [{ script: checksScript(checks.run, file) }]);
  if (ended.status !== 'succeeded' && ended.status !== 'failed') return ended;
  const notes = act.house.view(act.workspace).read(file.slice(act.workspace.length + 1));
  const results = checkResults(Object.keys(checks.run), notes ?? '');
  await note(attempt, { checks: results });
  return { ...ended, reason: checksInWords(results) };
}

/** What is to be run, or why there is nothing: then its owner is told how to change that. */
type Given<T> = { readonly run: T } | { readonly over: StageOutcome };

async function given<T extends string | object>(
  { act, stage }: Attempt,
  setting: 'test' | 'quality',
  pick: (settings: ServiceSettings) => T | false | undefined,
  option: string,
): Promise<Given<T>> {
  if (stage.skip !== undefined) return { over: outcome('skipped', stage.skip) };
  const resolution = await settingsOf(act);
  const value = pick(resolution.settings);
  if (value === false) return { over: outcome('skipped', `switched off (${originOf(resolution, setting)})`) };
  if (value !== undefined) return { run: value };
  const set = `towpath service set ${act.service.name} ${option} "…"`;
  return { over: outcome('skipped', `no command found; set one: ${set}`) };
}

async function folderOf({ act }: Attempt): Promise<string> {
  return serviceFolder(act.workspace, (await settingsOf(act)).settings.folder);
}

function note({ act, index, number }: Attempt, said: { report?: TestReport; checks?: CheckResult[] }): Promise<void> {
  return act.write((tx) => noteAttempt(tx, { runId: act.run.id, index, attempt: number }, said));
}
