import type { Target } from '../store/targets.ts';
import { outcome, type StageOutcome } from './act.ts';

/** Null unless the environment is held or goes: then what the stage says. A run keeps its plan, whatever becomes of the environments. */
export function barred({ row, environment }: Pick<Target, 'row' | 'environment'>): StageOutcome | null {
  const { name, state } = environment;
  if (state !== 'open') return outcome('skipped', `${name} ${state === 'closing' ? 'is being' : 'was'} removed`);
  const { heldBy, heldReason } = row;
  if (heldBy === null) return null;
  return outcome('skipped', `held by ${heldBy}${heldReason === null ? '' : `: ${heldReason}`}`);
}
