import type { ServiceDetail, SettingsPatch } from '@towpath/contract';
import { applyPatch } from '../domain/path/patch.ts';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { findService, lockService, saveSettings, serviceById } from '../store/services.ts';
import { operation } from './operation.ts';
import { serviceDetail } from './show/service.ts';

/** Changes settings of a service; they hold from the next run on. */
export const updateService = operation(
  'service.write',
  async (house, actor, input: { service: string; patch: SettingsPatch }): Promise<ServiceDetail> => {
    await transaction(house.db, async (db) => {
      const { id } = await findService(db, input.service);
      // Read once nobody else can write: of two changes at once each keeps the other's.
      await lockService(db, id);
      const service = await serviceById(db, id);
      await saveSettings(db, service.id, applyPatch(service.settings, input.patch));
      await appendEvent(db, {
        name: 'service.changed',
        actor: actor.name,
        subject: `service/${service.id}`,
        data: { ...input.patch },
      });
    });
    return serviceDetail(house, await findService(house.db, input.service));
  },
);
