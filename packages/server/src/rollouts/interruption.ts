import { deploymentById } from '../store/deployments.ts';
import type { Act } from './act.ts';
import type { Outcome } from './outcome.ts';

/** Has somebody asked for the end of this deployment? Looked at between and inside the steps, until the release is promoted. */
export async function interruption(act: Act): Promise<Outcome | null> {
  const row = await deploymentById(act.house.db, act.deployment.id);
  if (row.supersededBy !== null) {
    return { go: false, status: 'superseded', reason: `superseded by deployment ${row.supersededBy}` };
  }
  if (row.cancelledBy !== null) return { go: false, status: 'cancelled', reason: `cancelled by ${row.cancelledBy}` };
  return null;
}
