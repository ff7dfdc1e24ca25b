import { failpoint as pass } from '@towpath/contract/failpoint';

/** Where a crash can be ordered: just before and just after whatever a crash could tear apart. In the order in which a push meets them. */
export const failpoints = [
  'store.commit.before',
  'store.commit.after',
  'engine.start.recorded',
  'engine.step.begun',
  'engine.step.done',
  'engine.step.recorded',
  'engine.released',
  'push.moved',
  'run.queued',
  'run.admitted',
  'run.claimed',
  'stage.begun',
  'stage.prepared',
  'stage.submitted',
  'stage.ended',
  'stage.recorded',
  'build.placed',
  'build.sealed',
  'build.kept',
  'deploy.requested',
  'approval.recorded',
  'cancel.recorded',
  'rollback.recorded',
  'run.ended',
  'deployment.admitted',
  'rollout.claimed',
  'rollout.started',
  'rollout.saved',
  'rollout.routed',
  'rollout.ready',
  'rollout.shifted',
  'rollout.promoted',
  'rollout.drained',
  'rollout.stopped',
  'rollout.aborted',
  'rollout.ended',
] as const;

export function failpoint(name: (typeof failpoints)[number]): void {
  pass(name);
}
