import type { RunDetail, StageView, TestReport } from '@towpath/contract';

/** The stage that tells most of a run: the one that failed, else the one under way, else the last that did something. */
export function tellingStage({ stages }: Pick<RunDetail, 'stages'>): StageView | null {
  const begun = stages.filter(({ status }) => status !== 'queued' && status !== 'skipped');
  const of = (...statuses: readonly StageView['status'][]) => begun.find(({ status }) => statuses.includes(status));
  return of('failed', 'rolled_back') ?? of('running') ?? of('waiting') ?? begun.at(-1) ?? stages[0] ?? null;
}

/** The environment whose approval is waited for; null: none is. */
export function waitsFor({ stages }: Pick<RunDetail, 'stages'>): string | null {
  return stages.find(({ kind, status }) => kind === 'approval' && status === 'waiting')?.environment ?? null;
}

/** `339 passed, 2 failed, 1 skipped` */
export function reportLine({ passed, failed, skipped, packages, incomplete }: TestReport): string {
  const parts = [
    `${passed.toLocaleString('en')} passed`,
    `${failed.toLocaleString('en')} failed`,
    ...(skipped > 0 ? [`${skipped.toLocaleString('en')} skipped`] : []),
    ...(packages === undefined || packages === 0 ? [] : [`${packages} packages passed`]),
  ];
  return `${parts.join(', ')}${incomplete === true ? ', until it was cut short' : ''}`;
}

/** `unit` and `deploy staging` do work that prints; an approval is a person's. */
export const hasLog = ({ kind, status, attempts }: StageView): boolean =>
  kind !== 'approval' && status !== 'skipped' && attempts.length > 0;
