import type { Target } from '../store/targets.ts';
import { outcome, type StageOutcome } from './act.ts';
import { removedReason } from './removed.ts';

/** Null unless the environment is held or goes: then what the stage says. A run keeps its plan, whatever becomes of the environments. */
export function barred({ row, environment }: Pick<Target, 'row' | 'environment'>): StageOutcome | null {
  const gone = removedReason(environment);
  if (gone !== null) return outcome('skipped', gone);
  const { heldBy, heldReason } = row;
  if (heldBy === null) return null;
  return outcome('skipped', `held by ${heldBy}${heldReason === null ? '' : `: ${heldReason}`}`);
}
