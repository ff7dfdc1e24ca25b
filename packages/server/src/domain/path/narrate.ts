import type { RunDetail, StageView, Status } from '@towpath/contract';

/** What stands before a stage's line: a shape, not a colour. */
const marks: Partial<Record<Status, string>> = {
  succeeded: '✓',
  failed: '✗',
  cancelled: '✗',
  skipped: '–',
  superseded: '»',
  rolled_back: '↩',
};

/** A line about a stage, and whether its log is worth showing below. */
export interface Line {
  readonly text: string;
  readonly failedStage?: StageView;
}

/**
 * What to tell somebody who watches a run, when it has changed from `before` (null: nothing was told yet) to `after`. Pure, so that the
 * pusher's terminal and every other reader get the same words.
 */
export function narrate(before: RunDetail | null, after: RunDetail): Line[] {
  const lines: Line[] = [];
  if (before === null)
    lines.push({
      text: `${after.service} #${after.run} ${after.commit.slice(0, 7)} on ${after.branch}: ${after.message}`,
    });
  for (const [index, stage] of after.stages.entries()) {
    const told = before?.stages[index];
    if (told?.status === stage.status && told.attempt === stage.attempt) continue;
    // Nothing runs when a person is asked; that somebody is asked is told by the verdict.
    if (stage.status === 'running' && stage.kind !== 'approval') lines.push({ text: `  ● ${stage.name} …` });
    const mark = marks[stage.status];
    if (mark === undefined || silent(after, stage)) continue;
    const reason = stage.reason === null ? '' : `: ${stage.reason}`;
    const text = `  ${mark} ${stage.name}${took(stage)}${reason}`;
    lines.push(stage.status === 'failed' || stage.status === 'rolled_back' ? { text, failedStage: stage } : { text });
  }
  if (after.status !== before?.status) lines.push(...verdict(after));
  return lines;
}

/** Stages that never began because the run ended before them say nothing of their own. */
function silent(run: RunDetail, stage: StageView): boolean {
  return run.endedAt !== null && stage.startedAt === null && run.status !== 'succeeded';
}

/** How long the work took: a stage that was skipped did none, an approval is a person's time. */
function took(stage: StageView): string {
  if (stage.startedAt === null || stage.endedAt === null) return '';
  if (stage.status === 'skipped' || stage.kind === 'approval') return '';
  const ms = Date.parse(stage.endedAt) - Date.parse(stage.startedAt);
  return ` ${ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms)}`;
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function verdict(run: RunDetail): Line[] {
  const because = run.reason === null ? '' : `: ${run.reason}`;
  switch (run.status) {
    case 'waiting': {
      const until = run.deadline === null ? '' : `, until ${run.deadline.slice(0, 16).replace('T', ' ')} UTC`;
      return [{ text: `waits for approval${until}: towpath approve ${run.run}` }];
    }
    case 'succeeded':
      return [{ text: `✓ #${run.run} succeeded${because}` }];
    case 'failed':
    case 'cancelled':
    case 'superseded':
    case 'rolled_back':
      return [{ text: `✗ #${run.run} ${run.status.replace('_', ' ')}${because}` }];
    default:
      return [];
  }
}
