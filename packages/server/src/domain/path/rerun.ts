import type { Status } from '@towpath/contract';
import { type PlannedStage, stageName } from './plan.ts';

/**
 * The stage that a rerun begins with; null when the run has none of that name. Without a name: the first that did not succeed and was not
 * skipped for want of a command, else the first of all. What a stage needs is made again: a check without its workspace begins with
 * prepare, a deploy without an artifact with build.
 */
export function rerunFrom(
  stages: readonly (PlannedStage & { readonly status: Status })[],
  from: string | undefined,
  left: { readonly workspace: boolean; readonly artifact: boolean },
): number | null {
  const bad = (status: Status) => status !== 'succeeded' && status !== 'skipped';
  const wanted =
    from === undefined
      ? Math.max(
          0,
          stages.findIndex((stage) => bad(stage.status)),
        )
      : stages.findIndex((stage) => stageName(stage, '/') === from.replace(' ', '/'));
  const stage = stages[wanted];
  if (stage === undefined) return null;
  const before = (kind: PlannedStage['kind']) => stages.findIndex((each) => each.kind === kind);
  if ((stage.kind === 'quality' || stage.kind === 'unit') && !left.workspace) return before('prepare');
  if ((stage.kind === 'deploy' || stage.kind === 'approval') && !left.artifact) {
    const build = before('build');
    return stages.slice(0, build).some((each) => each.status === 'queued') ? before('prepare') : build;
  }
  return wanted;
}
