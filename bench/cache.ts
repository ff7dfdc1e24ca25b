import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Bench, Unable } from './bench.ts';
import { prepareLog, prepareMs, secondTime } from './prepare.ts';
import { type Lock, type LockedFiles, localRegistry } from './registry.ts';

const rounds = 3;
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

/** Of a workspace; 0: none. */
const members = { one: 0, many: 6 } as const;

interface Manager {
  readonly name: string;
  readonly lock: Lock;
  /** Its own files. */
  readonly own: (files: LockedFiles) => Readonly<Record<string, string>>;
}

/**
 * Dependencies from the cache against the first install of the same lock file: the whole prepare stage, checkout and records included, of
 * the packages that this workspace is made of. The registry is on this machine, so a first install elsewhere takes longer. Every round has
 * a lock file of its own, and a branch of its own, whose downloads begin with nothing.
 */
function restored({ name: manager, lock, own }: Manager, span: keyof typeof members): Bench {
  const what = span === 'one' ? '' : ' in a workspace';
  return {
    summary: `a lock file's dependencies, first installed by ${manager}${what} and then restored, ${rounds} times`,
    limitMs: 300_000,
    async run(scope) {
      const { status, stdout } = spawnSync(manager, ['--version'], { encoding: 'utf8' });
      if (status !== 0) throw new Unable(`needs ${manager}`);
      const { files, packages, url } = await localRegistry(scope, modules);
      const world = scope.world();
      await world.up();
      const commitOf = (round: number) => {
        const all = files(round, members[span]);
        return {
          ...all.manifests,
          [lock]: all.locks[lock],
          ...own(all),
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
      return [
        secondTime(`cache of ${manager}${what}`, `${manager} ${stdout.trim()}, ${packages} packages`, first, again),
      ];
    },
  };
}

const npm: Manager = { name: 'npm', lock: 'package-lock.json', own: () => ({}) };

/** Without a look at how old the packages are: the registry does not know. Their scripts do not run, which 11 takes for a failure. */
const pnpm: Manager = {
  name: 'pnpm',
  lock: 'pnpm-lock.yaml',
  own: ({ workspaces }) => ({
    'pnpm-workspace.yaml': [
      ...(workspaces.length === 0 ? [] : [`packages: ${JSON.stringify(workspaces)}`]),
      ...['linkWorkspacePackages: true', 'minimumReleaseAge: 0', 'strictDepBuilds: false', ''],
    ].join('\n'),
  }),
};

export const caches: Readonly<Record<'cache' | 'cache-workspace' | 'pnpm' | 'pnpm-workspace', Bench>> = {
  cache: restored(npm, 'one'),
  'cache-workspace': restored(npm, 'many'),
  pnpm: restored(pnpm, 'one'),
  'pnpm-workspace': restored(pnpm, 'many'),
};
