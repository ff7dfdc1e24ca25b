import type { TargetView } from '@towpath/contract';
import type { Look } from './status.ts';

/** How a service stands in one environment: the same reading as `towpath status`. */
export interface TargetState extends Look {
  /** Why it is so, where that is not plain. */
  readonly reason: string | null;
}

export function targetState(target: TargetView): TargetState {
  const { release, deployment, replicas } = target;
  if (deployment !== null) return { shape: 'spin', tone: 'running', word: 'deploying', reason: null };
  if (release === null) return { shape: 'dash', tone: 'quiet', word: 'nothing live', reason: null };
  const http = ofRelease(target, release.version).filter((each) => each.process === 'http');
  const healthy = http.filter((each) => each.health === 'healthy').length;
  const workers = troubledWorker(target, release.version);
  if (healthy >= replicas && workers === null) return { shape: 'check', tone: 'good', word: 'healthy', reason: null };
  if (healthy >= replicas) return { shape: 'cross', tone: 'bad', word: workers ?? '', reason: null };
  const reason = http.find((each) => each.reason !== null && each.health !== 'healthy')?.reason ?? null;
  return { shape: 'cross', tone: 'bad', word: `${healthy} of ${replicas} healthy`, reason };
}

/** Replicas of an earlier release may still be finishing their requests: they say nothing of this one. */
const ofRelease = (target: TargetView, version: number): TargetView['running'] =>
  target.running.filter((each) => each.release === version && each.phase !== 'stopping');

/** `mailer 0 of 1 running`; null: all that are wanted run. */
function troubledWorker(target: TargetView, version: number): string | null {
  for (const [name, wanted] of Object.entries(target.workers)) {
    const up = ofRelease(target, version).filter((each) => each.process === name && each.phase === 'running').length;
    if (up < wanted) return `${name} ${up} of ${wanted} running`;
  }
  return null;
}
