import { releaseKey } from '../domain/rollout/route.ts';
import { failpoint } from '../failpoints.ts';
import { deploymentById, endDeployment } from '../store/deployments.ts';
import { setLive } from '../store/targets.ts';
import type { Act } from './act.ts';
import type { Outcome } from './outcome.ts';
import { drained } from './steps/finish.ts';

/**
 * Back to 100 % of the last promoted release: first its capacity, then the routes, then the new replicas go. Without one the target is
 * not served any more.
 */
export async function abort(act: Act, index: number, why: Extract<Outcome, { go: false }>): Promise<void> {
  await act.note(index, 'abort', { reason: why.reason });
  const { old, replaced } = act;
  if (old === null) {
    await act.route([]);
    const { left } = await drained(act);
    if (!left) await act.apply([]);
  } else {
    const before = await act.routed(old.id);
    const replicas = replaced === null ? act.replicas : Math.max(before?.replicas.length ?? 0, act.replicas);
    const kept = await act.desired(old, replicas);
    await act.applyBesideOpen(replaced === null ? [kept] : [kept, await act.desired(act.release, act.replicas)]);
    const observed = (await act.observe()).filter((each) => each.release === releaseKey(old.id));
    await act.route([act.backend(old, observed, 100)]);
    const { left } = await drained(act);
    if (!left) await act.apply([kept]);
  }
  failpoint('rollout.aborted');
  const { maxWeight } = await deploymentById(act.house.db, act.deployment.id);
  const carried = maxWeight > 0 && replaced !== null;
  const status = why.status === 'failed' && carried ? 'rolled_back' : why.status;
  await act.write(async (tx) => {
    if (old !== null) await setLive(tx, act.target.row.id, old.id);
    await endDeployment(tx, act.deployment.id, { status, reason: why.reason });
  });
  failpoint('rollout.ended');
}
