import type { RolloutStep } from '../domain/rollout/plan.ts';
import type { WorkflowBody } from '../engine/engine.ts';
import { refusalOf } from '../engine/refusal.ts';
import { failpoint } from '../failpoints.ts';
import type { Db } from '../store/connect.ts';
import { endDeployment, updateDeployment } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { abort } from './abort.ts';
import { Act } from './act.ts';
import { closeBehind } from './closing.ts';
import type { RolloutHouse } from './house.ts';
import { failed, type Outcome } from './outcome.ts';
import { bake } from './steps/bake.ts';
import { finish } from './steps/finish.ts';
import { release } from './steps/release.ts';
import { remove } from './steps/remove.ts';
import { shift } from './steps/shift.ts';
import { start } from './steps/start.ts';
import { stop } from './steps/stop.ts';
import { withdraw } from './steps/withdraw.ts';
import { requireThoseOf } from './toolchains.ts';

export const deploymentWorkflowId = (deployment: number): string => `deployment/${deployment}`;

type Perform = (act: Act, index: number) => Promise<Outcome>;

function performer(step: RolloutStep): Perform {
  switch (step.kind) {
    case 'stop':
      return stop;
    case 'release':
      return release;
    case 'start':
      return start;
    case 'shift':
      return (act, index) => shift(act, index, step.weight);
    case 'bake':
      return (act, index) => bake(act, index, step.ms);
    case 'finish':
      return finish;
    case 'withdraw':
      return withdraw;
    case 'remove':
      return remove;
  }
}

/** Before anything is stopped or started: could the release run? One that only goes needs nothing. */
async function begun(act: Act, index: number): Promise<void> {
  if (index === 0 && act.deployment.cause !== 'teardown') await requireThoseOf(act.house, act.release);
}

async function beginStep(tx: Db, deployment: number, index: number, step: RolloutStep): Promise<void> {
  await updateDeployment(tx, deployment, { step: index, reason: step.kind });
  await appendEvent(tx, {
    name: 'deployment.step',
    actor: 'towpath',
    subject: `deployment/${deployment}`,
    data: { index, step: step.kind, ...('weight' in step ? { weight: step.weight } : {}) },
  });
}

/** Walks the steps of a deployment's plan; the first that does not let it go on begins the abort. */
export function deploymentWorkflow(house: RolloutHouse): WorkflowBody<{ deployment: number }> {
  return async (context, input) => {
    const act = await Act.begin(house, input.deployment);
    if (act === null) return;
    const { plan, id } = act.deployment;
    for (const [index, step] of plan.entries()) {
      const outcome = await context.step(`${index} ${step.kind}`, async () => {
        await act.write((tx) => beginStep(tx, id, index, step));
        return begun(act, index)
          .then(() => performer(step)(act, index))
          .catch((error: unknown) => failed(refusalOf(error)));
      });
      if (!outcome.go) {
        await context.step('abort', () => abort(act, index, outcome).then(() => null));
        return;
      }
    }
    await context.step('end', async () => {
      const reason = act.replaced === null ? null : `replaced v${act.replaced.version}`;
      await act.write(async (tx) => {
        await endDeployment(tx, id, { status: 'succeeded', reason });
        await closeBehind(tx, act);
      });
      failpoint('rollout.ended');
      return null;
    });
  };
}
