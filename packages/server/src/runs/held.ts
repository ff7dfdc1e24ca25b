import type { TargetRow } from '../store/targets.ts';
import { outcome, type StageOutcome } from './act.ts';

/** Null unless somebody holds the environment: then what the stage says. */
export function held(target: Pick<TargetRow, 'heldBy' | 'heldReason'>): StageOutcome | null {
  const { heldBy, heldReason } = target;
  if (heldBy === null) return null;
  return outcome('skipped', `held by ${heldBy}${heldReason === null ? '' : `: ${heldReason}`}`);
}
