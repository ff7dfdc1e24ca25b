import type { DeploymentCause } from '@towpath/contract';
import type { ReleaseConfig } from '../release/config.ts';

/** One step of a rollout. Weights are percent of users; times are milliseconds. */
export type RolloutStep =
  /** The old release stops, before anything of the new one runs. */
  | { readonly kind: 'stop' }
  /** The new release's own command, as for migrations. */
  | { readonly kind: 'release' }
  | {
      readonly kind: 'start' /** Part of the desired replicas that must be ready, in percent. */;
      readonly capacity: number;
    }
  | { readonly kind: 'shift'; readonly weight: number }
  | { readonly kind: 'bake'; readonly ms: number }
  | { readonly kind: 'finish' }
  /** Out of the routes, and until the last request is done. */
  | { readonly kind: 'withdraw' }
  /** Stop and forget what runs. */
  | { readonly kind: 'remove' };

export interface RolloutPolicy {
  /** recreate: the old release stops before the new one starts. */
  readonly strategy: 'all-at-once' | 'recreate';
  readonly bakeMs: number;
  /** Is there a command to run before the release goes live? */
  readonly release: boolean;
}

export const allAtOnce: RolloutPolicy = { strategy: 'all-at-once', bakeMs: 0, release: false };

/**
 * How a release is brought live. One that keeps a data folder interrupts: two releases must not use it at once. Its release command runs
 * for whatever brings an artifact or other variables (a new DATABASE_URL wants its migrations too), never on the way back, and not when
 * only the number of replicas changes.
 */
export function policyFor(cause: DeploymentCause, config: Pick<ReleaseConfig, 'data' | 'release'>): RolloutPolicy {
  if (cause === 'scale') return allAtOnce;
  return {
    ...allAtOnce,
    strategy: config.data === null ? 'all-at-once' : 'recreate',
    release: config.release !== null && cause !== 'rollback',
  };
}

/** Takes a target's live release away. No policy: there is nothing to compare. */
export const teardownSteps: readonly RolloutStep[] = [{ kind: 'withdraw' }, { kind: 'remove' }];

/** The steps of a policy, in order. Pure: the same policy gives the same plan. */
export function planRollout(policy: RolloutPolicy): RolloutStep[] {
  const stop: RolloutStep[] = policy.strategy === 'recreate' ? [{ kind: 'stop' }] : [];
  const release: RolloutStep[] = policy.release ? [{ kind: 'release' }] : [];
  const bake: RolloutStep[] = policy.bakeMs > 0 ? [{ kind: 'bake', ms: policy.bakeMs }] : [];
  return [
    ...stop,
    ...release,
    { kind: 'start', capacity: 100 },
    { kind: 'shift', weight: 100 },
    ...bake,
    { kind: 'finish' },
  ];
}

/** Does the plan stop the old release before the new one starts? */
export const interrupts = (plan: readonly RolloutStep[]): boolean => plan.some((step) => step.kind === 'stop');

/** What to tell people before such a plan begins. */
export const interruption =
  'it keeps a data folder, which one release uses at a time: what runs stops before the new release starts';
