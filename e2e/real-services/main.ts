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
import { type RealService, realServices } from './list.ts';
import { page } from './page.ts';
import { type Result, tryService } from './try.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string' } } });
const only = values.only?.split(',');
const out = values.out ?? join(import.meta.dirname, '../../docs/real-services.md');
/** Most of the time goes by with waiting for a registry. */
const lanes = 3;

const results = new Map<RealService, Result>();
const world = World.create();
// The installs of a service's later runs fetch nothing again, and Go compiles its own library once.
world.env.XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
world.env.npm_config_cache = join(homedir(), '.npm');
try {
  await world.up();
  const queue = realServices.filter((each) => only?.includes(nameOf(each)) ?? true);
  await Promise.all(Array.from({ length: lanes }, () => work(queue)));
} finally {
  await world.end();
}

async function work(queue: RealService[]): Promise<void> {
  for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
    const name = nameOf(service);
    const result = await fetchedAndTried(service, name).catch((error: unknown) => {
      console.error(`${name} is left out: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
      return null;
    });
    if (result === null) continue;
    console.log(`${name}: ${result.attempts.map((each) => each.outcome).join(' → ')}`);
    results.set(service, result);
    // After each: what was found out so far stays when a later one takes too long.
    writeFileSync(out, page(realServices.flatMap((each) => results.get(each) ?? [])));
  }
}

async function fetchedAndTried(service: RealService, name: string): Promise<Result> {
  const folder = join(world.folder, name);
  await fetchService(service, folder);
  const repository = await Repository.begin(folder, world.env, {});
  await repository.commit(`${service.package} ${service.version} as published`);
  return tryService(world, repository, service, name);
}

/** The last step of its name that is no version. */
function nameOf({ package: path }: RealService): string {
  const steps = path.split('/').filter((step) => !/^v\d+$/.test(step));
  return steps.at(-1) ?? path;
}
