import type { Client } from '@towpath/client';
import { type DeploymentView, ended, type RunDetail, type StageView } from '@towpath/contract';
import { duration, type Output } from './output.ts';
import { renderEnd, renderRunLine, stageLine } from './render/run.ts';
import { renderDeployment } from './render/service.ts';
import { cut } from './render/text.ts';
import type { Talk } from './verb.ts';

/** Shows every change of a run until it ends or waits for a person. A run that failed makes the command fail. */
export async function watchRun({ client, output }: Talk, run: number, detach: boolean): Promise<RunDetail> {
  if (detach) {
    const now = await client.call('getRun', { params: { run } });
    renderRunLine(output, now);
    return now;
  }
  let before: RunDetail | null = null;
  let begun = Date.now();
  for (;;) {
    const query: { revision?: number } = before === null ? {} : { revision: before.revision };
    const under = before?.stages.find((each) => isUnderWay(each));
    const asked = client.call('waitRun', { params: { run }, query });
    const after: RunDetail = await (under === undefined ? asked : shown(output, `  ${under.name}`, begun, asked));
    const now = after.stages.find((each) => isUnderWay(each));
    if (now?.name !== under?.name) begun = Date.now();
    if (before === null) renderRunLine(output, after);
    for (const [index, stage] of after.stages.entries()) {
      // On a terminal what is under way stands in one line, which its end takes the place of.
      if (output.live && isUnderWay(stage)) continue;
      if (stageChanged(before?.stages[index], stage)) output.line(stageLine(stage, output.width));
    }
    before = after;
    if (!ended.has(after.status) && after.status !== 'waiting') continue;
    renderEnd(output, after);
    if (after.status !== 'succeeded' && after.status !== 'waiting') process.exitCode = 1;
    return after;
  }
}

const isUnderWay = ({ status, kind }: StageView): boolean => status === 'running' && kind !== 'approval';

const tickMs = 1_000;

/** While something is waited for: what it is, and for how long it goes on. @param since in ms since 1970, by this machine's clock */
async function shown<T>(output: Output, text: string, since: number, work: Promise<T>): Promise<T> {
  const show = () => output.doing(cut(`${text}  ${duration(Date.now() - since)}`, output.width - 4));
  show();
  const timer = setInterval(show, tickMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
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
  const text = `${deployment.service} ${deployment.environment}: v${deployment.version} ${going}`;
  const view = await shown(output, text, Date.now(), deploymentEnd(client, deployment.deployment));
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
