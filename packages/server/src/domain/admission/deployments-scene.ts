import { DeploymentCause, type Status } from '@towpath/contract';
import type { OpenDeployment } from './deployments.ts';

/** As requests give them. */
const priorities: Record<DeploymentCause, number> = {
  scale: 0,
  run: 0,
  config: 0,
  promote: 10,
  rollback: 100,
  teardown: 100,
};

export const deployment = (
  id: number,
  cause: DeploymentCause,
  status: Status = 'queued',
  more: Partial<OpenDeployment> = {},
): OpenDeployment => ({ id, cause, status, target: 1, priority: priorities[cause], interrupted: false, ...more });

export const causes = DeploymentCause.options;
