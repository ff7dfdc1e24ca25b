import type { RunDetail, RunSummary, Status } from '@towpath/contract';
import pc from 'picocolors';
import { duration, faint, type Output, strong } from '../output.ts';

/** A status by colour, shape and word (never by colour alone). */
const looks: Record<Status, (word: string) => string> = {
  queued: (word) => pc.dim(`○ ${word}`),
  waiting: (word) => pc.yellow(`✋ ${word}`),
  running: (word) => pc.blue(`● ${word}`),
  succeeded: (word) => pc.green(`✓ ${word}`),
  failed: (word) => pc.red(`✗ ${word}`),
  cancelled: (word) => pc.dim(`✗ ${word}`),
  skipped: (word) => pc.dim(`– ${word}`),
  superseded: (word) => pc.dim(`» ${word}`),
  rolled_back: (word) => pc.magenta(`↩ ${word}`),
};

export const statusText = (status: Status): string => looks[status](status.replace('_', ' '));

export const shortCommit = (commit: string): string => commit.slice(0, 7);

/** `3 min ago`, for a time in ISO 8601. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

export function renderRunLine(run: RunSummary): string {
  const reason = run.reason === null ? '' : faint(`  ${run.reason}`);
  const title = run.message.length > 50 ? `${run.message.slice(0, 49)}…` : run.message;
  const what = `${strong(`#${run.run}`)} ${run.service} ${shortCommit(run.commit)} ${run.branch}`;
  return `${what}  ${statusText(run.status)}  ${title}  ${faint(ago(run.createdAt))}${reason}`;
}

export function renderRun(output: Output, run: RunDetail): void {
  output.line(renderRunLine(run));
  for (const stage of run.stages) {
    const took =
      stage.startedAt !== null && stage.endedAt !== null
        ? faint(`  ${duration(Date.parse(stage.endedAt) - Date.parse(stage.startedAt))}`)
        : '';
    const attempt = stage.attempt > 1 ? faint(`  attempt ${stage.attempt}`) : '';
    const reason = stage.reason === null ? '' : `  ${stage.reason}`;
    output.line(`  ${stage.name.padEnd(20)} ${statusText(stage.status)}${took}${attempt}${reason}`);
  }
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
