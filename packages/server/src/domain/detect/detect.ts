import { staysInside } from '@towpath/contract';
import { type Resolved, type ResolvedCommands, type ServiceSettings, type Start, withGiven } from '../path/settings.ts';
import type { FileView } from './files.ts';
import { type NodePackage, readNodePackage } from './manifest.ts';

/** What a rule may look at. */
interface Commit {
  readonly files: FileView;
  readonly node: NodePackage | null;
}
type Rule<T> = (commit: Commit) => T | null;

/**
 * Finds the commands of one commit. A command in the service's settings wins; else the first rule of its row that answers; else there is
 * none. Throws `unreadable_manifest` for a package.json that npm could not read either.
 */
export function detect(files: FileView, settings: ServiceSettings): ResolvedCommands {
  const commit: Commit = { files, node: readNodePackage(files) };
  const found = {
    install: first(installRules, commit),
    quality: first(qualityRules, commit),
    unit: first(unitRules, commit),
    build: first(buildRules, commit),
    start: first(startRules, commit),
  };
  return withGiven(found, settings);
}

function first<T>(rules: readonly Rule<T>[], commit: Commit): T | null {
  for (const rule of rules) {
    const found = rule(commit);
    if (found !== null) return found;
  }
  return null;
}

const installRules: readonly Rule<Resolved>[] = [
  ({ node, files }) => {
    if (node === null || !node.installs) return null;
    const lock = ['package-lock.json', 'npm-shrinkwrap.json'].find((name) => files.exists(name));
    if (lock !== undefined) return { command: 'npm ci', origin: lock };
    return { command: 'npm install', origin: 'package.json, without a package-lock.json' };
  },
];

const qualityRules: readonly Rule<Resolved>[] = [
  ({ node }) => {
    const names = ['lint', 'typecheck'].filter((name) => node?.script(name));
    if (names.length === 0) return null;
    const command = names.map((name) => `npm run ${name}`).join(' && ');
    return { command, origin: `package.json, ${names.map((name) => `script "${name}"`).join(' and ')}` };
  },
];

const unitRules: readonly Rule<Resolved>[] = [
  ({ node }) => {
    const text = node?.script('test') ?? null;
    // `npm init` writes a test script that only says that there is none.
    if (text === null || text.includes('no test specified')) return null;
    return { command: 'npm test', origin: 'package.json, script "test"' };
  },
];

const buildRules: readonly Rule<Resolved>[] = [
  ({ node }) => (node?.script('build') ? { command: 'npm run build', origin: 'package.json, script "build"' } : null),
];

const startRules: readonly Rule<Start>[] = [
  ({ files }) => {
    const web = /^web:[ \t]*(\S.*?)[ \t]*\r?$/m.exec(files.read('Procfile') ?? '')?.[1];
    return web === undefined ? null : { kind: 'command', command: web, origin: 'Procfile, line "web"' };
  },
  ({ node }) => {
    const text = node?.script('start') ?? null;
    if (node === null || text === null) return null;
    // npm stays in memory beside the service and takes a third of a second to start it; a plain `node …` needs nothing of it.
    const plain = /^node( +[\w./:=@,-]+)+$/.test(text) && !node.script('prestart') && !node.script('poststart');
    return { kind: 'command', command: plain ? text : 'npm start', origin: 'package.json, script "start"' };
  },
  ({ node, files }) => (node !== null && files.exists('server.js') ? startNode('server.js', 'server.js') : null),
  ({ node, files }) => {
    const main = node?.main ?? null;
    if (main === null || !staysInside(main)) return null;
    const file = [main, `${main}.js`].find((name) => files.exists(name));
    if (file !== undefined) return startNode(file, 'package.json, "main"');
    return node?.script('build') && /\.[cm]?js$/.test(main)
      ? startNode(main, 'package.json, "main", after the build')
      : null;
  },
  ({ node, files }) =>
    node !== null && files.exists('index.js') && !files.exists('index.html') ? startNode('index.js', 'index.js') : null,
  ({ node, files }) => {
    if (!node?.script('build')) return null;
    const page = pages.find((name) => files.exists(name));
    if (page === undefined) return null;
    const folder = node.dependsOn('react-scripts') ? 'build' : 'dist';
    return { kind: 'static', folder, origin: `${page} and package.json, script "build"` };
  },
  ({ files }) => {
    const page = pages.find((name) => files.exists(name));
    if (page === undefined) return null;
    return { kind: 'static', folder: page === 'index.html' ? '.' : 'public', origin: page };
  },
];

const pages = ['index.html', 'public/index.html'] as const;

function startNode(file: string, origin: string): Start {
  const path = file.startsWith('-') ? `./${file}` : file;
  const word = /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  return { kind: 'command', command: `node ${word}`, origin };
}
