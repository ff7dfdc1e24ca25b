/**
 * Saves and restores as fast as it can, until it is killed: `node saver.ts <data folder> <installed root> <name> <members>`. The folders
 * `work/<name>-<turn>` are its checkouts; one in which it installs instead of restoring has a file `installing`.
 */
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCaches } from '../caches.ts';
import { planned } from './planned.ts';

const [dataDir = '', installed = '', name = '', names = ''] = process.argv.slice(2);
const members = names === '' ? [] : names.split(',');
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
  const root = join(dataDir, 'work', `${name}-${turn}`);
  for (const folder of ['.', ...members]) await mkdir(join(root, folder), { recursive: true });
  const plan = planned(String(turn % 3).repeat(40), root, members);
  if ((await caches.restore(plan, scopes, (step) => step())) === null) {
    await writeFile(join(root, 'installing'), '');
    await cp(installed, root, { recursive: true, verbatimSymlinks: true });
    await caches.save(plan, scopes, (step) => step());
  }
  // What is left behind is looked at: so a checkout goes out of sight as a whole.
  const gone = join(dataDir, `gone-${name}-${turn}`);
  await rename(root, gone);
  await rm(gone, { recursive: true, force: true });
}
