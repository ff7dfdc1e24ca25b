import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bench, Unable } from './bench.ts';
import { prepareLog, prepareMs, secondTime } from './prepare.ts';
import { localRegistry } from './registry.ts';

const rounds = 3;
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

/**
 * Dependencies from the cache against the first install of the same lock file: the whole prepare stage, checkout and records included, of
 * the packages that this workspace is made of. The registry is on this machine, so a first install elsewhere takes longer. Every round has
 * a lock file of its own, and its own empty npm cache.
 */
export const cache: Bench = {
  summary: `a lock file's dependencies, first installed and then restored, ${rounds} times`,
  limitMs: 300_000,
  async run(scope) {
    if (spawnSync('npm', ['--version']).status !== 0) throw new Unable('needs npm');
    const { files, packages } = await localRegistry(scope, modules);
    const world = scope.world();
    await world.up();
    const own = {
      '.npmrc': 'audit=false\nfund=false\n',
      'towpath.yaml': 'env:\n  npm_config_cache: .npm-cache\n',
    };
    const app = await world.service('app', { ...files(0), ...own }, '--start', 'node index.js');
    const first: number[] = [];
    const again: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const times of [first, again]) {
        await app.commit(`${round}`, { ...files(round), 'index.js': `// ${round} ${times === first}` });
        const { run } = await app.push('main:checks');
        if (run === null) throw new Error('the push began no run');
        const ended = await world.waitFor(run);
        const said = await prepareLog(world, ended);
        if (said.includes('dependencies restored') !== (times === again)) throw new Error(`not as planned: ${said}`);
        times.push(prepareMs(ended));
      }
    }
    return [secondTime('cache', `${packages} packages`, first, again)];
  },
};
