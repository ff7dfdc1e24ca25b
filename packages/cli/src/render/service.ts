import type { DeploymentView, RunSummary, ServiceDetail, TargetView } from '@towpath/contract';
import pc from 'picocolors';
import { copyable, faint, type Output, strong } from '../output.ts';
import { ago, shortCommit, statusText } from './run.ts';
import { cut, hanging } from './text.ts';
import { recentText } from './traffic.ts';

export function renderService(output: Output, service: ServiceDetail): void {
  output.line(strong(`${service.project}/${service.name}`));
  for (const target of service.environments)
    for (const line of targetLines(target, output.width)) output.line(`  ${line}`);
  if (service.lastRun !== null) output.line(`  ${lastRunLine(service.lastRun, output.width)}`);
}

function lastRunLine({ run, status, message, createdAt }: RunSummary, width: number): string {
  const plain = `last run     #${run} ${status.replace('_', ' ')}  ${ago(createdAt)}  `;
  const title = cut(message, Math.max(12, width - plain.length - 4));
  return `${'last run'.padEnd(12)} #${run} ${statusText(status)}  ${faint(ago(createdAt))}  ${title}`;
}

/** Where the release of an environment answers, and what is to be said of it below. */
function targetLines(target: TargetView, width: number): string[] {
  const name = target.environment.padEnd(12);
  const { release, replicas, hold, deployment } = target;
  const below = (text: string, paint: (text: string) => string) => paint(hanging(' '.repeat(13), 13, text, width - 2));
  const notes = [
    ...(hold === null ? [] : [below(`held by ${hold.by}${hold.reason === null ? '' : `: ${hold.reason}`}`, pc.yellow)]),
    ...(deployment === null ? [] : [below(`● deployment ${deployment} is under way`, pc.blue)]),
  ];
  if (release === null) return [`${name} ${faint('nothing live')}`, ...notes];
  // Those of an earlier release may still be finishing their requests.
  const mine = target.running.filter((each) => each.release === release.version && each.phase !== 'stopping');
  const running = mine.filter((each) => each.process === 'http');
  const healthy = running.filter((each) => each.health === 'healthy').length;
  const fine = healthy >= replicas;
  const silent = replicas === 0 && Object.keys(target.workers).length > 0;
  const state = fine ? pc.green(`✓ ${replicas}/${replicas}`) : pc.red(`✗ ${healthy}/${replicas}`);
  const trouble = fine
    ? null
    : (running.find((each) => each.reason !== null && each.health !== 'healthy')?.reason ?? null);
  const traffic = target.traffic === null ? '' : `  ${recentText(target.traffic)}`;
  return [
    // A service of workers only has no address that answers.
    `${name} v${release.version} ${shortCommit(release.commit)}${silent ? '' : ` ${state}  ${copyable(target.url)}`}${traffic}`,
    ...(trouble === null ? [] : [below(trouble, pc.red)]),
    ...workerLines(target, mine, below),
    ...(target.interrupts
      ? [below('keeps a data folder: a deployment stops it before the next release starts', faint)]
      : []),
    ...notes,
  ];
}

/** Each worker with how many of it run. */
function workerLines(
  target: TargetView,
  running: TargetView['running'],
  below: (text: string, paint: (text: string) => string) => string,
): string[] {
  return Object.entries(target.workers).map(([name, wanted]) => {
    const there = running.filter((each) => each.process === name);
    const up = there.filter((each) => each.phase === 'running').length;
    const reason = there.find((each) => each.phase !== 'running')?.reason ?? null;
    if (up >= wanted) return below(`${name} ✓ ${wanted}/${wanted}`, pc.green);
    return below(`${name} ✗ ${up}/${wanted}${reason === null ? '' : `: ${reason}`}`, pc.red);
  });
}

export function renderDeployment(output: Output, deployment: DeploymentView): void {
  const { service, environment, version, fromVersion, cause, status, reason, url } = deployment;
  const from = fromVersion === null ? '' : `v${fromVersion} → `;
  const to = cause === 'teardown' ? `v${version} → nothing` : `${from}v${version}`;
  const what = `${service} ${environment}  ${to}  `;
  const indent = what.length + status.length + 4;
  output.line(hanging(`${what}${statusText(status)}  `, indent, reason ?? '', output.width));
  if (status === 'succeeded' && cause !== 'teardown' && url !== null) output.line(`  ${copyable(url)}`);
}
