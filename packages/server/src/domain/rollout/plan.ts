/** One step of a rollout. Weights are percent of users; times are milliseconds. */
export type RolloutStep =
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

export type RolloutPolicy = { readonly strategy: 'all-at-once'; readonly bakeMs: number };

export const allAtOnce: RolloutPolicy = { strategy: 'all-at-once', bakeMs: 0 };

/** Takes a target's live release away. No policy: there is nothing to compare. */
export const teardownSteps: readonly RolloutStep[] = [{ kind: 'withdraw' }, { kind: 'remove' }];

/** The steps of a policy, in order. Pure: the same policy gives the same plan. */
export function planRollout(policy: RolloutPolicy): RolloutStep[] {
  const bake: RolloutStep[] = policy.bakeMs > 0 ? [{ kind: 'bake', ms: policy.bakeMs }] : [];
  return [{ kind: 'start', capacity: 100 }, { kind: 'shift', weight: 100 }, ...bake, { kind: 'finish' }];
}
