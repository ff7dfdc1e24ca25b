import type { Client } from '@towpath/client';
import { type DeploymentView, ended, type RunDetail, type StageView } from '@towpath/contract';
import { renderEnd, renderRunLine, stageLine } from './render/run.ts';
import { renderDeployment } from './render/service.ts';
import type { Talk } from './verb.ts';

/** Shows every change of a run until it ends or waits for a person. A run that failed makes the command fail. */
export async function watchRun({ client, output }: Talk, run: number, detach: boolean): Promise<RunDetail> {
  if (detach) {
    const now = await client.call('getRun', { params: { run } });
    renderRunLine(output, now);
    return now;
  }
  let before: RunDetail | null = null;
  for (;;) {
    const query: { revision?: number } = before === null ? {} : { revision: before.revision };
    const after: RunDetail = await client.call('waitRun', { params: { run }, query });
    if (before === null) renderRunLine(output, after);
    for (const [index, stage] of after.stages.entries()) {
      if (stageChanged(before?.stages[index], stage)) output.line(stageLine(stage, output.width));
    }
    before = after;
    if (!ended.has(after.status) && after.status !== 'waiting') continue;
    renderEnd(output, after);
    if (after.status !== 'succeeded' && after.status !== 'waiting') process.exitCode = 1;
    return after;
  }
}

function stageChanged(before: StageView | undefined, after: StageView): boolean {
  // That somebody is asked is told by the run's own line.
  if (after.status === 'queued' || (after.kind === 'approval' && !ended.has(after.status))) return false;
  return before?.status !== after.status || before.attempt !== after.attempt;
}

/** Waits for a deployment's end. One that did not succeed makes the command fail. */
export async function watchDeployment(
  { client, output }: Talk,
  deployment: DeploymentView,
  detach: boolean,
): Promise<DeploymentView> {
  if (detach) {
    renderDeployment(output, deployment);
    return deployment;
  }
  const going = deployment.cause === 'teardown' ? 'is taken away' : 'is on its way';
  if (deployment.steps.includes('stop'))
    output.warn(`v${deployment.version} keeps a data folder: what runs there stops before it starts`);
  output.doing(`${deployment.service} ${deployment.environment}: v${deployment.version} ${going}`);
  const view = await deploymentEnd(client, deployment.deployment);
  renderDeployment(output, view);
  if (view.status !== 'succeeded') process.exitCode = 1;
  return view;
}

export async function deploymentEnd(client: Client, deployment: number): Promise<DeploymentView> {
  for (;;) {
    const view = await client.call('waitDeployment', { params: { deployment } });
    if (ended.has(view.status)) return view;
  }
}
