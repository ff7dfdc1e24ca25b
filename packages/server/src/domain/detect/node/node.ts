import { firstOf, glance, join, wayUp } from '../files.ts';
import {
  type DependencyCache,
  type Findings,
  type Notice,
  nothing,
  type Place,
  type Tool,
  versioned,
} from '../found.ts';
import { healthByFile, sourcesNear } from '../listening.ts';
import { migrationNotice } from '../migrations.ts';
import { buildOf } from './build.ts';
import { endless, qualityOf, testOf } from './checks.ts';
import { type Framework, frameworkOf } from './frameworks.ts';
import { type Manager, managerOf } from './managers.ts';
import { type NodePackage, readNodePackage } from './package.ts';
import { startOf } from './start.ts';

const source = /\.[cm]?[jt]s$/;
/** The first Node that strips types without a flag: https://nodejs.org/api/typescript.html */
const stripping = '>=22.18';

/** Services on Node or Bun, and sites that they build. Throws `unreadable_manifest` for a package.json that npm could not read either. */
export function node(place: Place): Findings | null {
  const { files } = place;
  const own = readNodePackage(files);
  if (own === null) return null;
  const manager = managerOf(place, own);
  const framework = frameworkOf(files, own);
  const build = buildOf(place, own, manager);
  const starting = startOf({ files, own, manager, framework, build });
  const { entry, start } = starting;
  const runtime = runtimeOf(place, own, entry !== null && starting.strips ? entry : null);
  const tools = [
    ...(needsNode(own, manager, runtime) ? [runtime] : []),
    ...(manager.tool === null ? [] : [manager.tool]),
  ];
  const [first] = tools;
  const language = first?.name === 'bun' ? versioned('Bun', first) : versioned('Node', runtime);
  const packages = manager.install === null || first?.name === 'bun' ? '' : ` with ${manager.name}`;
  return {
    ...nothing,
    kind: {
      value: `${framework === null ? '' : `${framework.name} on `}${language}${packages}`,
      origin: manager.lockfile ?? join(place.folder, 'package.json'),
    },
    tools,
    install: manager.install,
    quality: qualityOf(files, own, manager, framework?.ownTypes === true),
    test: testOf(files, own, manager),
    build: starting.build,
    start,
    health: framework === null ? null : healthByFile(files),
    cache: cacheOf(place, own, manager),
    notices: [...manager.notices, ...oldNode(runtime), ...endless(own), ...starting.notices],
    path: manager.install === null || manager.plug ? [] : binaries(place, manager),
    migrations: migrations(place, own),
    certain: certainly(own, framework),
    sources: entry === null ? [] : sourcesNear(files, sourceOf(place, entry), source),
    ask: starting.ask ?? usualQuestion,
  };
}

function binaries({ folder }: Place, { root }: Manager): string[] {
  return [...new Set(['.', wayUp(folder, root)])].map((at) => join(at, 'node_modules/.bin'));
}

const usualQuestion =
  'Which command starts the service? package.json has no script "start", and no server.js, "main" or index.js that could be it';

/** With Bun, Node is needed only where somebody says so. */
function needsNode(own: NodePackage, manager: Manager, runtime: Tool): boolean {
  const named = ['start', 'build', 'test', 'lint'].some((name) => /\bnode\b/.test(own.script(name) ?? ''));
  return manager.name !== 'bun' || runtime.wanted !== null || named;
}

function certainly(own: NodePackage, framework: Framework | null): boolean {
  return framework !== null && !own.library;
}

/** The source of what the start runs: of dist/server.js that is src/server.ts. */
function sourceOf({ files }: Place, entry: string): string {
  const name = entry.replace(/^(dist|build|lib|out)\//, '').replace(/\.[cm]?js$/, '');
  const candidates = ['src/', ''].flatMap((top) =>
    ['ts', 'js', 'mts', 'mjs'].map((ending) => `${top}${name}.${ending}`),
  );
  return firstOf(files, [entry, ...candidates]) ?? entry;
}

/** Where a version of Node is written, the most binding first. */
function runtimeOf({ files, repository, folder }: Place, own: NodePackage, strips: string | null): Tool {
  const top = folder === '.' ? null : readNodePackage(repository);
  const volta = own.wants('volta', 'node');
  if (volta !== null) return { name: 'node', wanted: volta, origin: 'package.json, "volta.node"' };
  for (const [view, where] of [
    [files, ''],
    [repository, ' of the top folder'],
  ] as const) {
    for (const name of ['.nvmrc', '.node-version']) {
      const wanted = /^\s*v?([\w./*-]{1,40})/.exec(glance(view, name) ?? '')?.[1];
      if (wanted !== undefined) return { name: 'node', wanted, origin: `${name}${view === files ? '' : where}` };
    }
  }
  const engines = own.wants('engines', 'node') ?? top?.wants('engines', 'node') ?? null;
  if (engines !== null) {
    const above = own.wants('engines', 'node') === null ? ' of the top folder' : '';
    return { name: 'node', wanted: engines, origin: `package.json, "engines.node"${above}` };
  }
  if (strips !== null) return { name: 'node', wanted: stripping, origin: `${strips}, whose types Node strips` };
  return { name: 'node', wanted: null, origin: 'package.json' };
}

/** Releases that get no security fixes any more at the time of writing: https://nodejs.org/en/about/previous-releases */
const supportedFrom = 20;

function oldNode({ wanted, origin }: Tool): Notice[] {
  const major = /^\s*[~^=v]*\s*(\d{1,3})(\.|x|$|\s)/.exec(wanted ?? '')?.[1];
  if (major === undefined || Number(major) >= supportedFrom) return [];
  return [
    {
      text: `Node ${wanted} gets no security fixes any more`,
      origin,
      help: 'Move to a supported release: 22 or 24.',
    },
  ];
}

/** Scripts that run during an install may read anything of the commit: a restored node_modules would miss what they did. */
const during = ['preinstall', 'install', 'postinstall', 'prepare'];
/** Dependencies that write into node_modules what they make of files of the commit. */
const generating = ['@prisma/client', 'patch-package'];

function cacheOf({ repository }: Place, own: NodePackage, manager: Manager): DependencyCache | null {
  if (manager.lockfile === null || manager.install === null) return null;
  const beside = ['.npmrc', '.yarnrc.yml', 'pnpm-workspace.yaml'].map((name) => join(manager.root, name));
  const packages = [
    own,
    ...[manager.root, ...manager.members].flatMap((folder) => readNodePackage(repository, folder) ?? []),
  ];
  const untouched = packages.every(
    (each) => !during.some((name) => each.script(name) !== null) && !generating.some((name) => each.dependsOn(name)),
  );
  const folders = manager.plug
    ? [join(manager.root, '.yarn/cache')]
    : [manager.root, ...manager.members].map((folder) => join(folder, 'node_modules'));
  return {
    keys: [manager.lockfile, ...beside.filter((path) => repository.exists(path))],
    folders,
    replacesInstall: untouched && !manager.plug,
  };
}

/** Tools that change a database, and how it is done before a release goes live. */
const migrating = [
  ['prisma', 'prisma/migrations', 'prisma migrate deploy'],
  ['knex', 'migrations', 'knex migrate:latest'],
  ['drizzle-kit', 'drizzle', 'drizzle-kit migrate'],
  ['sequelize-cli', 'migrations', 'sequelize-cli db:migrate'],
  ['node-pg-migrate', 'migrations', 'node-pg-migrate up'],
] as const;

function migrations({ files }: Place, own: NodePackage): Notice[] {
  return migrating
    .filter(([dependency, folder]) => own.dependsOn(dependency) && files.list(folder).length > 0)
    .slice(0, 1)
    .map(([dependency, folder, command]) => migrationNotice(dependency, `${folder}/`, `npx ${command}`));
}
