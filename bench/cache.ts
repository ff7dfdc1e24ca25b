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
 * a lock file of its own, and a branch of its own, whose downloads begin with nothing.
 */
function restored(
  manager: string,
  lockfile: 'package-lock.json' | 'pnpm-lock.yaml',
  own: Record<string, string>,
): Bench {
  return {
    summary: `a lock file's dependencies, first installed by ${manager} and then restored, ${rounds} times`,
    limitMs: 300_000,
    async run(scope) {
      const { status, stdout } = spawnSync(manager, ['--version'], { encoding: 'utf8' });
      if (status !== 0) throw new Unable(`needs ${manager}`);
      const { files, packages, url } = await localRegistry(scope, modules);
      const world = scope.world();
      await world.up();
      const commitOf = (round: number) => {
        const all = files(round);
        return {
          'package.json': all['package.json'],
          [lockfile]: all[lockfile],
          ...own,
          '.npmrc': `registry=${url}/\naudit=false\nfund=false\n`,
        };
      };
      const app = await world.service('app', commitOf(0), '--start', 'node index.js');
      const first: number[] = [];
      const again: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        for (const times of [first, again]) {
          await app.commit(`${round}`, { ...commitOf(round), 'index.js': `// ${round} ${times === first}` });
          const { run } = await app.push(`main:checks-${round}`);
          if (run === null) throw new Error('the push began no run');
          const ended = await world.waitFor(run);
          const said = await prepareLog(world, ended);
          if (said.includes('dependencies restored') !== (times === again)) throw new Error(`not as planned: ${said}`);
          times.push(prepareMs(ended));
        }
      }
      return [secondTime(`cache of ${manager}`, `${manager} ${stdout.trim()}, ${packages} packages`, first, again)];
    },
  };
}

export const npmCache = restored('npm', 'package-lock.json', {});

/** Without a look at how old the packages are: the registry does not know. Their scripts do not run, which 11 takes for a failure. */
export const pnpmCache = restored('pnpm', 'pnpm-lock.yaml', {
  'pnpm-workspace.yaml': 'minimumReleaseAge: 0\nstrictDepBuilds: false\n',
});
