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
  'run.queued',
  'run.started',
  'run.approved',
  'run.declined',
  'run.cancelled',
  'run.rerun',
  'run.ended',
  'release.created',
  'deployment.queued',
  'deployment.started',
  'deployment.ended',
  'job.queued',
  'job.started',
  'job.cancelled',
  'job.ended',
]);
export type EventName = z.infer<typeof EventName>;
