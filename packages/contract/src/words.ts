import { z } from 'zod';
import { oneOf } from './setting-values.ts';

/** Where a run, stage or deployment stands. `rolled_back` is what a deploying stage becomes after an automatic rollback. */
export const Status = z.enum([
  'queued',
  'waiting',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'superseded',
  'rolled_back',
]);
export type Status = z.infer<typeof Status>;

/** Statuses that never change again (a rerun adds an attempt, it does not reopen one). */
export const ended: ReadonlySet<Status> = new Set<Status>([
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'superseded',
  'rolled_back',
]);

export const StageKind = z.enum(['prepare', 'quality', 'unit', 'build', 'deploy', 'approval']);
export type StageKind = z.infer<typeof StageKind>;

/** A process type says what a service runs. Only `http` takes requests. */
export const ProcessType = z.enum(['http', 'worker', 'job', 'release']);
export type ProcessType = z.infer<typeof ProcessType>;

/** What started a run. */
export const Trigger = z.enum(['push', 'api', 'cli', 'reconcile']);
export type Trigger = z.infer<typeof Trigger>;

/** Why a release exists. */
export const ReleaseCause = z.enum(['run', 'config', 'rollback', 'promote']);
export type ReleaseCause = z.infer<typeof ReleaseCause>;

/** Why a deployment is made: for a release, to change the number of replicas of the live one, or to take what is live away. */
export const DeploymentCause = z.enum([...ReleaseCause.options, 'scale', 'teardown']);
export type DeploymentCause = z.infer<typeof DeploymentCause>;

/** How a run may enter an environment. */
export const Admission = oneOf('auto', 'approve', 'manual');
export type Admission = z.infer<typeof Admission>;

/** Names of projects, services and environments: they become host names, so the rules of a DNS label hold. */
export const Name = z
  .string()
  .regex(
    /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
    'use 1 to 40 lower-case letters, digits and hyphens, starting with a letter',
  );

/** The number of a run, release or deployment, as PostgreSQL keeps it. */
export const Id = z.int().positive().max(2_147_483_647);

/** A full git commit id, SHA-1 or SHA-256. */
export const Commit = z
  .string()
  .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'a full commit id, 40 or 64 hexadecimal digits');
