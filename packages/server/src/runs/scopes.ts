import { type CacheScopes, cacheScopes, isTrusted } from '../domain/cache/scope.ts';
import { environmentsOf } from '../store/environments.ts';
import { branchOf } from '../store/services.ts';
import type { RunAct } from './act.ts';

/** Which caches the run may read and write: asked once in an execution. */
export async function scopesOf(act: RunAct): Promise<CacheScopes> {
  act.scopes ??= await ask(act);
  return act.scopes;
}

async function ask({ house, run, service }: RunAct): Promise<CacheScopes> {
  const bound = (await environmentsOf(house.db, service.projectId)).map((each) => branchOf(each, service));
  return cacheScopes({ service: service.id, branch: run.branch, trusted: isTrusted(run.branch, bound) });
}
