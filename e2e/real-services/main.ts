/**
 * `npm run real-services`: fetches published services, pushes each to a Towpath of its own and writes what came of it into
 * docs/real-services.md. Takes some minutes, the network, and the toolchains of Node, Python and Go.
 *
 *   npm run real-services -- --only http-server,httpbin
 */
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Repository } from '../repository.ts';
import { World } from '../world.ts';
import { fetchService } from './fetch.ts';
import { realServices } from './list.ts';
import { page } from './page.ts';
import { type Result, tryService } from './try.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string' } } });
const only = values.only?.split(',');
const results: Result[] = [];
const world = World.create();
world.env.XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
try {
  await world.up();
  for (const service of realServices) {
    const name = nameOf(service.package);
    if (only !== undefined && !only.includes(name)) continue;
    const folder = join(world.folder, name);
    await fetchService(service, folder);
    const repository = await Repository.begin(folder, world.env, {});
    await repository.commit(`${service.package} ${service.version} as published`);
    const result = await tryService(world, repository, service, name);
    console.log(`${name}: ${result.attempts.map((each) => each.outcome).join(' → ')}`);
    results.push(result);
  }
} finally {
  await world.end();
}
writeFileSync(values.out ?? join(import.meta.dirname, '../../docs/real-services.md'), page(results));

/** The last step of a module's path that is no version. */
function nameOf(path: string): string {
  const steps = path.split('/').filter((step) => !/^v\d+$/.test(step));
  return steps.at(-1) ?? path;
}
