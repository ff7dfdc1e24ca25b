import { findService, type ServiceRow } from '../store/services.ts';
import { operation } from './operation.ts';

interface Opened {
  /** `<project>/<service>` */
  readonly repository: string;
}

/** Before git takes a push: it moves the branches first, and only then is there something to give a run to. */
export const openForPush = operation(
  'push',
  (house, _actor, { repository }: Opened): Promise<ServiceRow> => findService(house.db, repository),
);

export const openForFetch = operation(
  'read',
  (house, _actor, { repository }: Opened): Promise<ServiceRow> => findService(house.db, repository),
);
