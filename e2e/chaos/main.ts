/**
 * `npm run chaos`: kills the parts of a real installation while teams ship and users come, and tells what was not in order.
 *
 *   npm run chaos -- --kills 200 --seed 1 --servers 1
 *
 * The seed draws what is killed and when, and what people do; how the machine takes it differs each time.
 */
import { parseArgs } from 'node:util';
import { type Blow, plan } from './blow.ts';
import { Chaos, type Round } from './chaos.ts';
import { Random } from './random.ts';
import { summary } from './summary.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    servers: { type: 'string', default: '1' },
    /** Only this place, again and again. */
    place: { type: 'string' },
  },
});
const random = new Random(Number(values.seed));
console.log(`seed ${random.seed}`);
const chaos = await Chaos.begin(random, Number(values.servers));
console.log(`in ${chaos.world.folder}`);
const rounds: Round[] = [];
const kills = () => rounds.reduce((sum, round) => sum + round.died.length, 0);
try {
  const { place } = values;
  const blows = plan(random, chaos.parts, Number(values.kills)).map(
    (blow): Blow => (place === undefined ? blow : { kind: 'place', place, first: null }),
  );
  for (const blow of blows) {
    if (kills() >= Number(values.kills)) break;
    const round = await chaos.round(blow);
    rounds.push(round);
    console.log(`${round.faults.length === 0 ? '✓' : '✗'} ${round.blow}, ${round.seconds.toFixed(1)} s`);
    for (const fault of round.faults) console.log(`    ${fault.replaceAll('\n', '\n    ')}`);
  }
} finally {
  await chaos.end().catch((error: unknown) => {
    console.log(String(error));
    process.exitCode = 1;
  });
}
console.log(`\n${summary(rounds, chaos.visitors)}\nseed ${random.seed}`);
if (rounds.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
