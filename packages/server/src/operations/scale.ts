import type { ServiceDetail } from '@towpath/contract';
import { comingRelease } from '../domain/admission/deployments.ts';
import { requestDeployment } from '../rollouts/request.ts';
import { transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { releaseById } from '../store/releases.ts';
import { setReplicas } from '../store/targets.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';
import { type TargetReference, takeTarget } from './target.ts';

/** How many replicas run. What is live is brought to it at once; it is not a release. To the number that it has already does nothing. */
export const scale = operation(
  'scale',
  async (house, actor, input: TargetReference & { replicas: number }): Promise<ServiceDetail> => {
    const { service } = await transaction(house.db, async (db) => {
      const target = await takeTarget(db, input);
      const { row } = target;
      if (row.replicas === input.replicas) return target;
      await setReplicas(db, row.id, input.replicas);
      await appendEvent(db, {
        name: 'target.scaled',
        actor: actor.name,
        subject: `target/${row.id}`,
        data: { from: row.replicas, to: input.replicas },
      });
      const coming = comingRelease(await openDeployments(db, row.id), row.releaseId);
      if (row.releaseId === null || coming === null) return target;
      const release = await releaseById(db, row.releaseId);
      await requestDeployment(db, { target, release, cause: 'scale', runId: null, requestedBy: actor.name });
      return target;
    });
    return serviceDetail(house, service);
  },
);
