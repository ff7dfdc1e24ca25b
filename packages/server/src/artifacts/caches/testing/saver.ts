/** Saves and restores as fast as it can, until it is killed: `node saver.ts <data folder> <installed folder> <name>`. */
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openCaches } from '../caches.ts';
import { planned } from './planned.ts';

const [dataDir = '', installed = '', name = ''] = process.argv.slice(2);
const scope = { service: 1, branch: null };
const scopes = { reads: [scope], writes: scope };
const caches = openCaches({
  dataDir,
  bounds: { bytes: 10_000_000, idleMs: 3_600_000 },
  env: {},
  log: (message, error) => process.stdout.write(`log ${message}: ${String(error)}\n`),
});
process.stdout.write('begun\n');
for (let turn = 0; ; turn++) {
  const folder = join(dataDir, 'work', `${name}-${turn}`);
  await mkdir(folder, { recursive: true });
  const plan = planned(String(turn % 3).repeat(40), folder);
  if ((await caches.restore(plan, scopes, (step) => step())) === null) {
    await cp(installed, plan.place, { recursive: true, verbatimSymlinks: true });
    await caches.save(plan, scopes, (step) => step());
  }
  await rm(folder, { recursive: true, force: true });
}
