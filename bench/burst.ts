import { text } from 'node:stream/consumers';
import { type RunDetail, TowpathError } from '@towpath/contract';
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
    for (const each of started) {
      if (each.status === 'rejected') continue;
      const run = await ended(world, each.value.run);
      if (run?.endedAt && (await printed(world, run))) ends.push(Date.parse(run.endedAt));
    }
    const minutes = (Math.max(begun, ...ends) - begun) / 60_000;
    return [
      atLeast(1_200, { name, value: ends.length === 0 ? 0 : ends.length / minutes, unit: 'runs/min' }),
      atMost(0, { name: `${name}-lost`, value: asked.length - ends.length, unit: 'runs' }),
    ];
  },
});

/** The run when it succeeded, else null. */
async function ended(world: World, run: number): Promise<RunDetail | null> {
  const now = await world.waitFor(run).catch(() => null);
  return now?.status === 'succeeded' ? now : null;
}

async function printed(world: World, { run }: RunDetail): Promise<boolean> {
  try {
    const bytes = await world.client.stream('runLog', { params: { run }, query: { stage: 'quality' } });
    return (await text(bytes)).endsWith(`\n${line}\n`);
  } catch (error) {
    if (error instanceof TowpathError) return false;
    throw error;
  }
}
