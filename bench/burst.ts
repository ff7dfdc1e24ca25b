import { text } from 'node:stream/consumers';
import { staticSite } from '../e2e/templates.ts';
import type { World } from '../e2e/world.ts';
import type { Bench } from './bench.ts';
import { atLeast, atMost } from './row.ts';

const services = 10;
const line = 'all of it';

/**
 * Runs of one command, asked for at once: so many branches of each of ten services, so that none supersedes another. From the first request
 * to the last run's end. Lost is what does not succeed, or whose log lacks what its command printed.
 */
export const burst = (name: string, branches: number, limitMs: number): Bench => ({
  summary: `${services * branches} runs of one command, started at once`,
  limitMs,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const commits = new Map<string, string>();
    for (let index = 0; index < services; index++) {
      const service = `site-${index}`;
      const site = await world.service(service, staticSite(), '--quality', `echo ${line}`);
      await site.push('main:checks');
      commits.set(service, (await site.git('rev-parse', 'HEAD')).stdout.trim());
    }
    const asked = [...commits].flatMap(([service, commit]) =>
      Array.from({ length: branches }, (_, index) => ({ service, commit, branch: `check-${index}` })),
    );
    const begun = Date.now();
    const started = await Promise.allSettled(
      asked.map(({ service, ...body }) => world.client.call('startRun', { params: { service }, body })),
    );
    const ends: number[] = [];
    const lost: string[] = [];
    for (const each of started) {
      const end = each.status === 'rejected' ? `not started: ${each.reason}` : await endOf(world, each.value.run);
      if (typeof end === 'number') ends.push(end);
      else lost.push(end);
    }
    const minutes = (Math.max(begun, ...ends) - begun) / 60_000;
    return [
      atLeast(1_200, { name, value: ends.length === 0 ? 0 : ends.length / minutes, unit: 'runs/min' }),
      atMost(0, { name: `${name}-lost`, value: lost.length, unit: 'runs', against: lost[0] ?? null }),
    ];
  },
});

/** When the run ended, in ms since 1970; or why it counts as lost. */
async function endOf(world: World, number: number): Promise<number | string> {
  try {
    const run = await world.waitFor(number);
    if (run.status !== 'succeeded' || run.endedAt === null) return `run #${number} ${run.status}: ${run.reason}`;
    const bytes = await world.client.stream('runLog', { params: { run: number }, query: { stage: 'quality' } });
    const log = await text(bytes);
    return log.endsWith(`\n${line}\n`)
      ? Date.parse(run.endedAt)
      : `the log of run #${number} is ${JSON.stringify(log)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
