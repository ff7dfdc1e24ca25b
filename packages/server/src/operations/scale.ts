import { type ServiceDetail, TowpathError } from '@towpath/contract';
import { comingRelease } from '../domain/admission/deployments.ts';
import { own } from '../domain/release/config.ts';
import { wholeCounts } from '../rollouts/desired.ts';
import { requestDeployment } from '../rollouts/request.ts';
import { transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { type ReleaseRow, releaseById } from '../store/releases.ts';
import { setReplicas, setWorkerReplicas, type Target } from '../store/targets.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';
import { type TargetReference, takeTarget } from './target.ts';

export interface Scale extends TargetReference {
  readonly replicas: number;
  /** `http`, or the name of a worker of the live release. */
  readonly process: string;
}

/** How many replicas run. What is live is brought to it at once; it is not a release. To the number that it has already does nothing. */
export const scale = operation('scale', async (house, actor, input: Scale): Promise<ServiceDetail> => {
  const { service } = await transaction(house.db, async (db) => {
    const target = await takeTarget(db, input);
    const { row } = target;
    const { process, replicas } = input;
    const release = row.releaseId === null ? null : await releaseById(db, row.releaseId);
    const from = process === 'http' ? row.replicas : workerReplicas(target, release, process);
    if (from === replicas) return target;
    if (process === 'http') await setReplicas(db, row.id, replicas);
    else await setWorkerReplicas(db, row, process, replicas);
    await appendEvent(db, {
      name: 'target.scaled',
      actor: actor.name,
      subject: `target/${row.id}`,
      data: { process, from, to: replicas },
    });
    const coming = comingRelease(await openDeployments(db, row.id), row.releaseId);
    if (release === null || coming === null) return target;
    await requestDeployment(db, { target, release, cause: 'scale', runId: null, requestedBy: actor.name });
    return target;
  });
  return serviceDetail(house, service);
});

/** How many of a worker are wanted now. Only what is live tells which workers there are. */
function workerReplicas(target: Target, release: ReleaseRow | null, worker: string): number {
  const workers: Readonly<Record<string, number>> = release === null ? {} : wholeCounts(target, release.config).workers;
  const found = own(workers, worker);
  if (found !== undefined) return found;
  const names = ['http', ...Object.keys(workers)].join(', ');
  throw new TowpathError(
    'bad_request',
    `${target.service.name} runs no process "${worker}" in ${target.environment.name}; it has ${names}`,
  );
}
