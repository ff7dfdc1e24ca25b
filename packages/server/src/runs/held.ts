import type { Target } from '../store/targets.ts';
import { outcome, type StageOutcome } from './act.ts';

/** Null unless somebody holds the environment: then what the stage says. */
export function held(target: Target): StageOutcome | null {
  const { heldBy, heldReason } = target.row;
  if (heldBy === null) return null;
  return outcome('skipped', `held by ${heldBy}${heldReason === null ? '' : `: ${heldReason}`}`);
}
