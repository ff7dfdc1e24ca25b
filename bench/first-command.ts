import { text } from 'node:stream/consumers';
import type { RunDetail } from '@towpath/contract';
import type { World } from '../e2e/world.ts';
import { Unable } from './bench.ts';

/** As the command of a run's quality stage: it says when it runs. */
export const sayWhen = 'date +%s%N';

/** When that command ran, in ms since 1970. Waits for the run's end. */
export async function ranAt(world: World, number: number): Promise<{ run: RunDetail; ms: number }> {
  const run = await world.waitFor(number);
  const log = await text(await world.client.stream('runLog', { params: { run: number }, query: { stage: 'quality' } }));
  const running = /^\d{19}$/m.exec(log)?.[0];
  if (running === undefined) throw new Unable(`needs a \`date\` that tells nanoseconds; it said: ${log}`);
  return { run, ms: Number(running) / 1e6 };
}
