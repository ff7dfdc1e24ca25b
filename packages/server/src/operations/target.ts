import { TowpathError } from '@towpath/contract';
import type { Db } from '../store/connect.ts';
import { environmentsOf, unknownEnvironment } from '../store/environments.ts';
import { type ReleaseRow, releaseById } from '../store/releases.ts';
import { findService } from '../store/services.ts';
import { lockTarget, type Target, targetById, targetOf } from '../store/targets.ts';

/** How people name a target. */
export interface TargetReference {
  readonly service: string;
  readonly environment: string;
}

export async function findTarget(db: Db, reference: TargetReference): Promise<Target> {
  const found = await targetOf(db, await findService(db, reference.service), reference.environment);
  if (found.environment.state !== 'removed') return found;
  const { service } = found;
  const known = await environmentsOf(db, service.projectId);
  throw unknownEnvironment(service.project, reference.environment, known);
}

/**
 * The same, with its row kept until the transaction ends: what is decided from it stays true until it is written. In an environment that
 * is being removed nothing changes any more.
 */
export async function takeTarget(db: Db, reference: TargetReference): Promise<Target> {
  const found = await findTarget(db, reference);
  await lockTarget(db, found.row.id);
  // Whoever removes the environment takes the targets first: what is read now stays so.
  const now = await targetById(db, found.row.id);
  if (now.environment.state === 'open') return now;
  throw new TowpathError('environment_closing', `${now.environment.name} is being removed`);
}

/** The release that users get there. */
export async function liveRelease(db: Db, target: Target): Promise<ReleaseRow> {
  if (target.row.releaseId === null) {
    throw new TowpathError('no_release', `${target.service.name} has no release in ${target.environment.name} yet`);
  }
  return releaseById(db, target.row.releaseId);
}
