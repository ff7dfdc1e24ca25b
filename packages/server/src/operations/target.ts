import { TowpathError } from '@towpath/contract';
import type { Db } from '../store/connect.ts';
import { type ReleaseRow, releaseById } from '../store/releases.ts';
import { findService } from '../store/services.ts';
import { lockTarget, type Target, targetOf } from '../store/targets.ts';

/** How people name a target. */
export interface TargetReference {
  readonly service: string;
  readonly environment: string;
}

export async function findTarget(db: Db, reference: TargetReference): Promise<Target> {
  return targetOf(db, await findService(db, reference.service), reference.environment);
}

/** The same, with its row kept until the transaction ends: what is decided from it stays true until it is written. */
export async function takeTarget(db: Db, reference: TargetReference): Promise<Target> {
  const found = await findTarget(db, reference);
  return { ...found, row: await lockTarget(db, found.row.id) };
}

/** The release that users get there. */
export async function liveRelease(db: Db, target: Target): Promise<ReleaseRow> {
  if (target.row.releaseId === null) {
    throw new TowpathError('no_release', `${target.service.name} has no release in ${target.environment.name} yet`);
  }
  return releaseById(db, target.row.releaseId);
}
