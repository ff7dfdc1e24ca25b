import type { Status } from '@towpath/contract';
import { type PlannedStage, stageName } from './plan.ts';
import type { ServiceSettings } from './settings.ts';

/** What is left of a run, for another attempt to begin with. */
export interface Left {
  /** The files that its checks worked in. */
  readonly workspace: boolean;
  readonly artifact: boolean;
  /** The commands that prepare found are those that it would find now. */
  readonly commands: boolean;
}

/**
 * The stage that a rerun begins with; null when the run has none of that name. Without a name: the first that is not done, else the first
 * of all. Never one after a stage that is not done: no rerun goes around a failed test or an approval. What a stage needs is made again: a
 * check without its workspace begins with prepare, a deploy without an artifact with build.
 */
export function rerunFrom(
  stages: readonly (PlannedStage & { readonly status: Status })[],
  from: string | undefined,
  left: Left,
): number | null {
  const named = from?.replace(' ', '/');
  const undone = stages.findIndex((stage) => !isDone(stage));
  const asked = named === undefined ? Math.max(0, undone) : stages.findIndex((each) => stageName(each, '/') === named);
  const wanted = undone < 0 ? asked : Math.min(asked, undone);
  const stage = stages[wanted];
  if (stage === undefined) return null;
  const first = (kind: PlannedStage['kind']) => stages.findIndex((each) => each.kind === kind);
  if (!left.commands) return first('prepare');
  if ((stage.kind === 'quality' || stage.kind === 'unit') && !left.workspace) return first('prepare');
  if ((stage.kind === 'deploy' || stage.kind === 'approval') && !left.artifact) return first('build');
  return wanted;
}

/** A check that was skipped had no command; an approval or a deploy that was skipped met a hold. */
function isDone({ kind, status }: PlannedStage & { readonly status: Status }): boolean {
  return status === 'succeeded' || (status === 'skipped' && (kind === 'quality' || kind === 'unit'));
}

/**
 * Is what prepare made of the commit still right with the settings of now? Other commands are taken as they are; another folder is another
 * service, and another install makes another workspace.
 */
export function findsTheSame(before: ServiceSettings, now: ServiceSettings): boolean {
  return before.folder === now.folder && before.install === now.install;
}
