import { staysInside } from '@towpath/contract';
import type { Start } from '../../path/settings.ts';
import { type FileView, firstOf, glance } from '../files.ts';
import { type Found, type Notice, word } from '../found.ts';
import { listens } from '../listening.ts';
import type { Framework, Output } from './frameworks.ts';
import type { Manager } from './managers.ts';
import type { NodePackage } from './package.ts';

export interface Starting {
  readonly start: Start | null;
  readonly build: Found | null;
  readonly notices: readonly Notice[];
  /** The source that the start runs, where it is known. */
  readonly entry: string | null;
  /** The start runs TypeScript, by Node's own stripping of types. */
  readonly strips: boolean;
  /** What to ask for instead of the usual, when nothing to start was found. */
  readonly ask: string | null;
}

interface Setting {
  readonly files: FileView;
  readonly own: NodePackage;
  readonly manager: Manager;
  readonly framework: Framework | null;
  readonly build: Found | null;
}
type Rule = (setting: Setting) => Partial<Starting> | null;

const plainNode = /^node( +[\w./:=@,-]+)+$/;
/** Servers that rebuild as files change: made for the programmer's own machine. */
const developing =
  /(^|&&\s*|\b(npx|pnpm|yarn|cross-env \S+) )(react-scripts start|vue-cli-service serve|ng serve|vite( dev| serve| preview)?(?= -|$)|next dev|nuxt dev|astro (dev|preview)|docusaurus start|gatsby develop|eleventy .*--serve|vitepress dev|parcel (?!build)|webpack(-dev-server| serve)|nest start( --watch)?$|remix (vite:)?dev|react-router dev)/;
const building =
  /^(((npm|pnpm|yarn|bun)( run)?|npm run-script) (build|compile)[\w:-]*|(npx )?(tsc|vite build|next build|nest build|nuxt build|remix build|webpack|esbuild|tsup|rollup|swc|babel|turbo run build)\b.*)$/;

/** What is started, and what is built before; the first rule that answers. */
export function startOf(setting: Setting): Starting {
  const nothing: Starting = { start: null, build: setting.build, notices: [], entry: null, strips: false, ask: null };
  for (const rule of rules) {
    const found = rule(setting);
    if (found !== null) return { ...nothing, ...found };
  }
  return nothing;
}

const fromScript: Rule = ({ own, manager, build, framework }) => {
  const name = ['start:prod', 'start:production', 'serve:prod'].find(
    (each) => own.script(each) !== null && developing.test(own.script('start') ?? ''),
  );
  const chosen = name ?? 'start';
  const text = own.script(chosen);
  if (text === null || (developing.test(text) && framework !== null)) return null;
  const origin = `package.json, script "${chosen}"`;
  const split = apart(own, chosen, text);
  if (split !== null) {
    const [before, rest] = split;
    const built = build ?? { value: commandOf(before, own, manager), origin };
    const notice = {
      text: `The script "${chosen}" builds at every start; it is built once, by \`${built.value}\`, and started by the rest: ${rest.slice(0, 200)}`,
      origin,
      help: `Keep the build in a script "build" and only the start in "${chosen}".`,
    };
    return {
      build: built,
      start: command(commandOf(rest, own, manager), origin),
      notices: [notice],
      entry: entryOf(rest),
    };
  }
  // The package manager stays in memory beside the service and takes a third of a second to start it; a plain `node …` needs nothing of it.
  const wrapped = own.script(`pre${chosen}`) !== null || own.script(`post${chosen}`) !== null;
  const line = plainNode.test(text) && !wrapped ? fitted(text, manager) : manager.script(chosen);
  return { start: command(line, origin), notices: developer(text, chosen, origin), entry: entryOf(text) };
};

/** A script that names Node gets Node, by Yarn where there is no node_modules. */
function fitted(line: string, manager: Manager): string {
  return manager.name === 'yarn' ? line.replace(/^node/, manager.node) : line;
}

/** The builds at the front of a start script, and what is left; null when it does not build. */
function apart(own: NodePackage, name: string, text: string): [string, string] | null {
  const parts = text.split('&&').map((part) => part.trim());
  const first = parts.findIndex((part) => !building.test(part));
  if (first > 0) return [parts.slice(0, first).join(' && '), parts.slice(first).join(' && ')];
  const before = own.script(`pre${name}`);
  const builds = before?.split('&&').every((part) => building.test(part.trim())) ?? false;
  return before !== null && builds && own.script(`post${name}`) === null ? [before, text] : null;
}

/** A line of a script finds the programs of dependencies; outside of one they are asked for. */
function commandOf(line: string, own: NodePackage, manager: Manager): string {
  return line
    .split(' && ')
    .map((part) => {
      if (plainNode.test(part)) return fitted(part, manager);
      if (/^(node|npm|npx|pnpm|yarn|bun|bunx|sh|bash|cd|export|env)\b|^\.|=/.test(part)) return part;
      return own.installs ? manager.program(part) : part;
    })
    .join(' && ');
}

function developer(text: string, name: string, origin: string): Notice[] {
  if (!/^(npx )?(nodemon|ts-node-dev|tsx watch|node --watch)\b/.test(text)) return [];
  return [
    {
      text: `The script "${name}" restarts as files change, which is made for development: ${text.slice(0, 200)}`,
      origin,
      help: `Start the service without it, for example "${name}": "node ${entryOf(text) ?? 'server.js'}".`,
    },
  ];
}

function entryOf(text: string): string | null {
  return /(?:^|\s)(?:\.\/)?((?:[\w@-]+\/)*[\w.-]+\.[cm]?[jt]sx?)(?=\s|$)/.exec(text)?.[1] ?? null;
}

const fromFramework: Rule = ({ framework, files, own, manager, build }) => {
  if (framework === null || own.library) return null;
  const output = framework.output(files, own);
  const built = build ?? {
    value: manager.program(framework.build),
    origin: `package.json, dependency "${framework.dependency}"`,
  };
  return {
    build: built,
    ...(output.kind === 'none' ? noAdapter(framework, output) : { start: served(output, manager) }),
  };
};

function served(output: Exclude<Output, { kind: 'none' }>, manager: Manager): Start {
  const { origin } = output;
  if (output.kind === 'static') return { kind: 'static', folder: output.folder, origin };
  return command(
    output.kind === 'file' ? `${manager.node} ${word(output.file)}` : manager.program(output.line),
    origin,
  );
}

function noAdapter(framework: Framework, { help, origin }: { help: string; origin: string }): Partial<Starting> {
  const text = `${framework.name} builds nothing that can be started here`;
  return { notices: [{ text, origin, help }], ask: `Which command starts the service? ${text}. ${help}` };
}

/** A file that Node starts. One that a library shows to others is started only where its text listens. */
function file(path: (setting: Setting) => { file: string; origin: string } | null): Rule {
  return (setting) => {
    const found = path(setting);
    if (found === null) return null;
    const listening = listens(glance(setting.files, found.file) ?? '');
    if (setting.own.library && !listening) return null;
    return run(found.file, found.origin, setting);
  };
}

function run(path: string, origin: string, { manager }: Setting): Partial<Starting> {
  const start = command(`${manager.node} ${word(path.startsWith('-') ? `./${path}` : path)}`, origin);
  return { start, entry: path.replace(/^\.\//, '') };
}

const fromMain: Rule = file(({ own, files, build }) => {
  const { main } = own;
  if (main === null || !staysInside(main)) return null;
  const there = firstOf(files, [main, `${main}.js`]);
  if (there !== null && /\.[cm]?js$/.test(there)) return { file: there, origin: 'package.json, "main"' };
  if (there !== null && !/\.[^/.]+$/.test(there)) return { file: there, origin: 'package.json, "main"' };
  return build !== null && /\.[cm]?js$/.test(main)
    ? { file: main, origin: 'package.json, "main", after the build' }
    : null;
});

const typeScriptEntries = ['server', 'index', 'main', 'app'].flatMap((name) => [`src/${name}.ts`, `${name}.ts`]);

/** TypeScript without a start script: its own compiler where it writes to a folder, a runner that is there, or Node itself. */
const fromTypeScript: Rule = (setting) => {
  const { own, files, manager, build } = setting;
  const main = own.main !== null && /\.[cm]?ts$/.test(own.main) && staysInside(own.main) ? [own.main] : [];
  const entry = [...main, ...typeScriptEntries].find(
    (path) => files.exists(path) && (!own.library || listens(glance(files, path) ?? '')),
  );
  if (entry === undefined) return null;
  if (manager.name === 'bun') return run(entry, entry, setting);
  const compiled = own.dependsOn('typescript') ? compiledTo(files, entry) : null;
  if (compiled !== null) {
    const built = build ?? { value: manager.program('tsc'), origin: 'tsconfig.json, "outDir"' };
    return { ...run(compiled, `${entry}, compiled as tsconfig.json says`, setting), build: built, entry };
  }
  const runner = ['tsx', 'ts-node'].find((each) => own.dependsOn(each));
  if (runner !== undefined) {
    return {
      start: command(manager.program(`${runner} ${word(entry)}`), `${entry} and package.json, dependency "${runner}"`),
      entry,
    };
  }
  return { ...run(entry, `${entry}, whose types Node strips`, setting), strips: true };
};

/** Where the compiler puts the file. Only simple settings are understood: an `outDir` inside, and a `rootDir` or sources below src/. */
function compiledTo(files: FileView, entry: string): string | null {
  const text = glance(files, 'tsconfig.json');
  if (text === null || /"(noEmit|emitDeclarationOnly|allowImportingTsExtensions)"\s*:\s*true/.test(text)) return null;
  const setting = (name: string) =>
    new RegExp(`^[^/\\n]*"${name}"\\s*:\\s*"([\\w./-]{1,200})"`, 'm').exec(text)?.[1]?.replace(/^\.\/|\/$/g, '');
  const out = setting('outDir');
  if (out === undefined || !staysInside(out)) return null;
  const root = setting('rootDir') ?? (entry.startsWith('src/') ? 'src' : '.');
  const path = root === '.' || root === '' ? entry : entry.startsWith(`${root}/`) ? entry.slice(root.length + 1) : null;
  return path === null ? null : `${out}/${path.replace(/\.([cm]?)ts$/, '.$1js')}`;
}

const pages = ['index.html', 'public/index.html'] as const;

const rules: readonly Rule[] = [
  fromScript,
  fromFramework,
  file(({ files }) => (files.exists('server.js') ? { file: 'server.js', origin: 'server.js' } : null)),
  fromMain,
  fromTypeScript,
  file(({ files }) =>
    files.exists('index.js') && !files.exists('index.html') ? { file: 'index.js', origin: 'index.js' } : null,
  ),
  ({ files, build }) => {
    const page = firstOf(files, pages);
    if (page === null || build === null) return null;
    return { start: { kind: 'static', folder: 'dist', origin: `${page} and ${build.origin}` } };
  },
];

function command(line: string, origin: string): Start {
  return { kind: 'command', command: line, origin };
}
