import type { World } from '../world.ts';

/** When something of a run happened first after this moment, in ms since 1970: a stage, an approval, a step of a rollout. Null: nothing yet. */
export async function progressAfter(world: World, run: number, at: number): Promise<number | null> {
  const { stages } = await world.client.call('getRun', { params: { run } });
  const times = stages.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]);
  for (const { deployment } of stages) {
    if (deployment === null) continue;
    const { ledger } = await world.client.call('getDeployment', { params: { deployment } });
    times.push(...ledger.map((entry) => entry.at));
  }
  const later = times.flatMap((time) => (time === null ? [] : [Date.parse(time)])).filter((time) => time > at);
  return later.length === 0 ? null : Math.min(...later);
}
