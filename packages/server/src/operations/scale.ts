import type { ServiceDetail } from '@towpath/contract';
import { requestDeployment } from '../rollouts/request.ts';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { releaseById } from '../store/releases.ts';
import { lockTarget, setReplicas } from '../store/targets.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';
import { findTarget, type TargetReference } from './target.ts';

/** How many replicas run. What is live is brought to it at once; it is not a release. */
export const scale = operation(
  'scale',
  async (house, actor, input: TargetReference & { replicas: number }): Promise<ServiceDetail> => {
    const target = await findTarget(house.db, input);
    await transaction(house.db, async (db) => {
      const row = await lockTarget(db, target.row.id);
      await setReplicas(db, row.id, input.replicas);
      await appendEvent(db, {
        name: 'target.scaled',
        actor: actor.name,
        subject: `target/${row.id}`,
        data: { replicas: input.replicas },
      });
      if (row.releaseId === null || row.replicas === input.replicas) return;
      const release = await releaseById(db, row.releaseId);
      await requestDeployment(db, { target, release, cause: 'scale', runId: null, requestedBy: actor.name });
    });
    return serviceDetail(house, target.service);
  },
);
