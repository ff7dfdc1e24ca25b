import type { DeploymentView, ServiceDetail, TargetView } from '@towpath/contract';
import pc from 'picocolors';
import { copyable, faint, type Output, strong } from '../output.ts';
import { renderRunLine, shortCommit, statusText } from './run.ts';

export function renderService(output: Output, service: ServiceDetail): void {
  output.line(strong(`${service.project}/${service.name}`));
  for (const target of service.environments) output.line(`  ${targetLine(target)}`);
  if (service.lastRun !== null) output.line(`  ${faint('last run'.padEnd(12))} ${renderRunLine(service.lastRun)}`);
}

function targetLine(target: TargetView): string {
  const name = target.environment.padEnd(12);
  if (target.release === null) return `${name} ${faint('nothing released yet')}`;
  const healthy = target.running.filter((each) => each.health === 'healthy').length;
  const fine = target.replicas === healthy;
  const state = fine ? pc.green(`✓ ${healthy}/${target.replicas}`) : pc.red(`✗ ${healthy}/${target.replicas}`);
  const hold =
    target.hold === null
      ? ''
      : pc.yellow(`  held by ${target.hold.by}${target.hold.reason === null ? '' : `: ${target.hold.reason}`}`);
  const busy = target.deployment === null ? '' : pc.blue(`  ● deployment ${target.deployment}`);
  const trouble = target.running.find((each) => each.reason !== null && each.health !== 'healthy')?.reason;
  const why = fine || trouble === undefined || trouble === null ? '' : `  ${trouble}`;
  return `${name} v${target.release.version} ${shortCommit(target.release.commit)} ${state}  ${copyable(target.url)}${hold}${busy}${why}`;
}

export function renderDeployment(output: Output, deployment: DeploymentView): void {
  const { service, environment, version, fromVersion, status, reason, url } = deployment;
  const from = fromVersion === null ? '' : `v${fromVersion} → `;
  output.line(
    `${service} ${environment}  ${from}v${version}  ${statusText(status)}${reason === null ? '' : `  ${reason}`}`,
  );
  if (status === 'succeeded') output.line(`  ${copyable(url)}`);
}
