import { z } from 'zod';

/** What the audit knows: `subject.what happened`. Names are never changed, only added. */
export const EventName = z.enum([
  'service.created',
  'service.changed',
  'project.changed',
  'environment.added',
  'environment.changed',
  'environment.closed',
  'environment.removed',
  'config.changed',
  'target.held',
  'target.unheld',
  'target.scaled',
  'target.torn_down',
  'target.changed',
  'run.queued',
  'run.started',
  'run.waiting',
  'run.approved',
  'run.declined',
  'run.cancelled',
  'run.rerun',
  'run.ended',
  'stage.started',
  'stage.ended',
  'release.created',
  'deployment.queued',
  'deployment.started',
  'deployment.step',
  'deployment.ended',
  'job.queued',
  'job.started',
  'job.cancelled',
  'job.ended',
  'session.opened',
  'session.closed',
]);
export type EventName = z.infer<typeof EventName>;

/** What happens on the way from what somebody did to what came of it: a short account leaves these out. */
export const stepEvents: readonly EventName[] = [
  'run.started',
  'stage.started',
  'stage.ended',
  'release.created',
  'deployment.queued',
  'deployment.started',
  'deployment.step',
  'target.changed',
  'job.started',
];
