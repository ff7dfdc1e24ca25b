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
  const views = viewsOf(client, run);
  for (;;) {
    const under = before?.stages.find((each) => isUnderWay(each));
    const after: RunDetail = await (under === undefined
      ? nextOf(views)
      : shown(output, `  ${under.name}`, begun, nextOf(views)));
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
    await views.return(undefined as never);
    renderEnd(output, after);
    if (after.status !== 'succeeded' && after.status !== 'waiting') process.exitCode = 1;
    return after;
  }
}

async function* viewsOf(client: Client, run: number): AsyncGenerator<RunDetail, never, void> {
  for await (const _ of changesOf(client, `run/${run}`)) yield await client.call('getRun', { params: { run } });
  throw new Error('the stream of events ended');
}

const nextOf = async <T>(values: AsyncGenerator<T, never, void>): Promise<T> => (await values.next()).value;

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
  for await (const _ of changesOf(client, `deployment/${deployment}`)) {
    const view = await client.call('getDeployment', { params: { deployment } });
    if (ended.has(view.status)) return view;
  }
  throw new Error('the stream of events ended');
}

/**
 * Yields once at first, and then whenever something has happened to it (`run/219`), or to anything without one: time to look. Who looks
 * after it yielded misses no change, also when a server is restarted meanwhile.
 */
export async function* changesOf(client: Client, subject?: string): AsyncGenerator<void, never, void> {
  const stop = new AbortController();
  let bell = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const listen = async () => {
    const onState = (state: 'open' | 'away') => {
      if (state === 'open') bell.resolve();
    };
    const wish = { query: subject === undefined ? {} : { subject }, onState, signal: stop.signal };
    for await (const _ of client.follow('streamEvents', wish)) bell.resolve();
  };
  listen().catch((error: unknown) => {
    failures.push(error);
    bell.resolve();
  });
  try {
    for (;;) {
      await bell.promise;
      if (failures.length > 0) throw failures[0];
      // What happens while the caller looks rings the next one.
      bell = Promise.withResolvers();
      yield;
    }
  } finally {
    stop.abort();
  }
}
