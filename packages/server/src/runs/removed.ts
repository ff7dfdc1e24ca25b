import type { EnvironmentRow } from '../store/services.ts';

/** Why nothing is done for an environment any more; null while it is there. */
export function removedReason({ name, state }: Pick<EnvironmentRow, 'name' | 'state'>): string | null {
  if (state === 'open') return null;
  return `${name} ${state === 'closing' ? 'is being' : 'was'} removed`;
}
