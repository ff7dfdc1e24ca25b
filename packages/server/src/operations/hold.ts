import type { ServiceDetail } from '@towpath/contract';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { setHold } from '../store/targets.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';
import { type TargetReference, takeTarget } from './target.ts';

/** Automatic deployment to the environment is off until someone lifts it. */
export const hold = operation(
  'hold',
  async (house, actor, input: TargetReference & { reason?: string | undefined }): Promise<ServiceDetail> => {
    const reason = input.reason ?? null;
    const { service } = await transaction(house.db, async (db) => {
      const target = await takeTarget(db, input);
      await setHold(db, target.row.id, { by: actor.name, reason });
      await appendEvent(db, {
        name: 'target.held',
        actor: actor.name,
        subject: `target/${target.row.id}`,
        data: { reason },
      });
      return target;
    });
    return serviceDetail(house, service);
  },
);

/** Lifts the hold, if there is one; what was skipped meanwhile comes with the next push, by promote or by rerun. */
export const unhold = operation('hold', async (house, actor, input: TargetReference): Promise<ServiceDetail> => {
  const { service } = await transaction(house.db, async (db) => {
    const target = await takeTarget(db, input);
    const { id, heldBy } = target.row;
    if (heldBy === null) return target;
    await setHold(db, id, null);
    await appendEvent(db, { name: 'target.unheld', actor: actor.name, subject: `target/${id}`, data: { heldBy } });
    return target;
  });
  return serviceDetail(house, service);
});
