import { text } from 'node:stream/consumers';
import type { RunDetail } from '@towpath/contract';
import type { World } from '../e2e/world.ts';
import { atMost, quantile, type Row } from './row.ts';

/** What a whole prepare stage took, checkout and records included, in ms. Throws when its run did not succeed. */
export function prepareMs({ run, status, reason, stages }: RunDetail): number {
  const found = stages.find((each) => each.kind === 'prepare');
  if (status !== 'succeeded' || !found?.startedAt || !found.endedAt)
    throw new Error(`run #${run} ${status}: ${reason}`);
  return Date.parse(found.endedAt) - Date.parse(found.startedAt);
}

export async function prepareLog(world: World, { run }: RunDetail): Promise<string> {
  return text(await world.client.stream('runLog', { params: { run }, query: { stage: 'prepare' } }));
}

/** The second time as a part of the first: the median of the rounds, at most a fifth. */
export function secondTime(name: string, what: string, first: readonly number[], again: readonly number[]): Row {
  const ratios = again.map((ms, index) => ms / (first[index] ?? Number.NaN));
  const seconds = (values: readonly number[]) => `${(quantile(values, 0.5) / 1000).toFixed(2)} s`;
  return atMost(0.2, {
    name,
    value: quantile(ratios, 0.5),
    unit: '× first time',
    against: `${what}: first ${seconds(first)}, then ${seconds(again)}`,
  });
}
