import { setTimeout as sleep } from 'node:timers/promises';
import { hostNames, releaseKey } from '../../domain/rollout/route.ts';
import { failpoint } from '../../failpoints.ts';
import { updateDeployment } from '../../store/deployments.ts';
import type { Act } from '../act.ts';
import { interruption } from '../interruption.ts';
import { failed, type Outcome, proceed } from '../outcome.ts';

/** How often a user's request is tried before the shift is called failed, and the time between. */
const tries = 20;
const betweenMs = 100;

/**
 * Sends this percentage of users to the new release. Done when every router serves the change, and a request on a user's way was
 * answered by a process that belongs to the new release.
 */
export async function shift(act: Act, index: number, weight: number): Promise<Outcome> {
  const interrupted = await interruption(act);
  if (interrupted !== null) return interrupted;
  const observed = (await act.httpReplicas(act.release)).filter((each) => each.index < act.replicas);
  const backends = [act.backend(act.release, observed, weight)];
  const old = act.replaced === null ? null : await act.routed(act.replaced.id);
  if (old !== null) backends.unshift({ ...old, weight: 100 - weight });
  await act.route(backends);
  await act.write(async (tx) => {
    await updateDeployment(tx, act.deployment.id, {
      step: index,
      maxWeight: Math.max(weight, act.deployment.maxWeight),
    });
  });
  await act.note(index, 'shift', { weight });
  failpoint('rollout.shifted');
  if (act.replicas === 0) return proceed;
  return answeredThroughRoutes(act, index);
}

async function answeredThroughRoutes(act: Act, index: number): Promise<Outcome> {
  const { service, environment } = act.target;
  const { host } = hostNames(service.name, environment.name, act.house.domain);
  const release = releaseKey(act.release.id);
  let reason = '';
  for (let left = tries; left > 0; left--) {
    const answer = await act.probe({ to: { host, release }, path: act.release.config.health.path });
    if (answer.ok && answer.release === release && answer.replica !== null && answer.port !== null) {
      const ownership = await act.owns(answer.replica, answer.port, answer.localPort);
      if (ownership.belongs) {
        await act.note(index, 'answered', { status: answer.status, replica: answer.replica });
        return proceed;
      }
      reason = `${host} is answered by ${ownership.other ?? 'somebody else'}, not by this release`;
    } else {
      reason = `GET http://${host}${act.release.config.health.path}: ${answer.error ?? `status ${answer.status} from ${answer.release}`}`;
    }
    await sleep(betweenMs);
  }
  return failed(reason);
}
