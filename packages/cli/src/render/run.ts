import type { RunDetail, RunSummary, StageView, Status } from '@towpath/contract';
import pc from 'picocolors';
import { duration, faint, type Output, strong } from '../output.ts';
import { cut, hanging } from './text.ts';

interface Look {
  readonly mark: string;
  readonly paint: (text: string) => string;
}

/** A status by colour, shape and word (never by colour alone). Every shape is one column wide. */
const looks: Record<Status, Look> = {
  queued: { mark: '○', paint: pc.dim },
  waiting: { mark: '◇', paint: pc.yellow },
  running: { mark: '●', paint: pc.blue },
  succeeded: { mark: '✓', paint: pc.green },
  failed: { mark: '✗', paint: pc.red },
  cancelled: { mark: '✗', paint: pc.dim },
  skipped: { mark: '–', paint: pc.dim },
  superseded: { mark: '»', paint: pc.dim },
  rolled_back: { mark: '↩', paint: pc.magenta },
};

/** `✓ succeeded`, filled up to so many columns. */
export function statusText(status: Status, columns = 0): string {
  const { mark, paint } = looks[status];
  const word = status.replace('_', ' ');
  return `${paint(`${mark} ${word}`)}${' '.repeat(Math.max(0, columns - word.length - 2))}`;
}

export const shortCommit = (commit: string): string => commit.slice(0, 7);

/** `3 min ago`, for a time in ISO 8601. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

const statusColumns = '✓ rolled back'.length;

/** One with a name of hundreds of letters must not push the columns of all others away. */
const longestBranch = 40;

/** Runs as a table, each with its reason below when it has one. */
export function renderRuns(output: Output, runs: readonly RunSummary[]): void {
  const column = (text: (run: RunSummary) => string): ((run: RunSummary) => string) => {
    const width = Math.max(...runs.map((run) => text(run).length));
    return (run) => text(run).padEnd(width);
  };
  const number = column((run) => `#${run.run}`);
  const what = column((run) => `${run.service} ${cut(run.branch, longestBranch)} ${shortCommit(run.commit)}`);
  const when = column((run) => ago(run.createdAt));
  for (const run of runs) {
    const before = `${number(run)}  ${what(run)}  ${when(run)}  `.length + statusColumns + 2;
    const message = cut(run.message, Math.max(12, output.width - before));
    const status = statusText(run.status, statusColumns);
    output.line(`${strong(number(run))}  ${what(run)}  ${status}  ${faint(when(run))}  ${message}`);
    if (run.reason !== null) output.line(faint(hanging('      ', 6, run.reason, output.width)));
  }
}

/** One run in a table of its own. */
export const renderRunLine = (output: Output, run: RunSummary): void => renderRuns(output, [run]);

export function renderRun(output: Output, run: RunDetail): void {
  output.line(`${strong(`#${run.run} ${run.service}`)}  ${cut(run.message, output.width - 12)}`);
  const by = run.author === '' ? '' : ` by ${run.author}`;
  output.line(
    faint(`${run.branch} ${shortCommit(run.commit)}${by}, ${run.trigger} of ${run.requestedBy}, ${ago(run.createdAt)}`),
  );
  output.line();
  for (const stage of run.stages) output.line(stageLine(stage, output.width));
  output.line();
  renderEnd(output, run);
}

/** How a run stands, and why. */
export function renderEnd(output: Output, run: RunSummary): void {
  const until = run.deadline === null ? '' : `, until ${run.deadline.slice(0, 16).replace('T', ' ')} UTC`;
  const reason = run.reason === null ? '' : `${run.reason}${until}`;
  const word = run.status.replace('_', ' ');
  output.line(
    hanging(`${statusText(run.status)} #${run.run}  `, word.length + `${run.run}`.length + 6, reason, output.width),
  );
}

/** `  deploy staging       ✓ succeeded      2.4 s  …`, over several lines where the reason is long. */
export function stageLine(stage: StageView, width: number): string {
  const name = stage.name.padEnd(21);
  const took = tookText(stage).padStart(11);
  const again = stage.attempt > 1 ? `attempt ${stage.attempt}  ` : '';
  const prefix = `  ${name}${statusText(stage.status, statusColumns)}${took}  ${again}`;
  return hanging(prefix, 2 + name.length + statusColumns + took.length + 2 + again.length, stage.reason ?? '', width);
}

/** How long the work took: a stage that was skipped did none, an approval is a person's time. */
function tookText({ startedAt, endedAt, status, kind }: StageView): string {
  if (startedAt === null || endedAt === null || status === 'skipped' || kind === 'approval') return '';
  return duration(Date.parse(endedAt) - Date.parse(startedAt));
}

/** A run as `--json` prints it: the times of its stages are numbers, in ms since 1970, ready to be subtracted. */
export function runJson(run: RunDetail) {
  const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso));
  const stages = run.stages.map(({ startedAt, endedAt, ...stage }) => ({
    ...stage,
    startedAt: ms(startedAt),
    finishedAt: ms(endedAt),
  }));
  return { ...run, stages };
}
