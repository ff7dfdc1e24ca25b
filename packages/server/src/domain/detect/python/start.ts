import type { Start } from '../../path/settings.ts';
import { type FileView, foldersIn, glance, nameOf, namesIn } from '../files.ts';
import { type Found, type Notice, word } from '../found.ts';
import { listens } from '../listening.ts';
import { migrationNotice } from '../migrations.ts';
import type { PythonManager } from './managers.ts';
import type { PythonProject } from './project.ts';

export interface PythonStarting {
  readonly framework: string | null;
  readonly start: Start | null;
  readonly build: Found | null;
  readonly entry: string | null;
  readonly notices: readonly Notice[];
  readonly migrations: readonly Notice[];
}

interface Setting {
  readonly files: FileView;
  readonly project: PythonProject;
  readonly manager: PythonManager;
}
type Rule = (setting: Setting) => Partial<PythonStarting> | null;

export function pythonStartOf(setting: Setting): PythonStarting {
  const nothing: PythonStarting = {
    framework: null,
    start: null,
    build: null,
    entry: null,
    notices: [],
    migrations: [],
  };
  for (const rule of [django, fromApplication, streamlit, fromFile]) {
    const found = rule(setting);
    if (found !== null) return { ...nothing, ...found };
  }
  return nothing;
}

/** What serves an application: by the requirement that is there, the first wins. `app` is `module:name`. */
interface Server {
  readonly dependency: string;
  readonly extra?: readonly [string, string];
  readonly kinds: readonly ('wsgi' | 'asgi')[];
  readonly line: (app: Application) => string;
}

interface Application {
  /** `shop.main:app`, or `shop:create_app` for a function that makes it. */
  readonly module: string;
  readonly name: string;
  readonly factory: boolean;
  /** Its folder is no package: the module is found there. */
  readonly within: string | null;
  readonly path: string;
}

const uvicorn: Server['line'] = ({ module, name, factory, within }) =>
  `uvicorn ${factory ? '--factory ' : ''}${within === null ? '' : `--app-dir ${word(within)} `}--host 0.0.0.0 --port "$PORT" ${word(`${module}:${name}`)}`;

const servers: readonly Server[] = [
  {
    dependency: 'gunicorn',
    kinds: ['wsgi'],
    line: ({ module, name, factory, within }) =>
      `gunicorn --bind "0.0.0.0:$PORT" ${within === null ? '' : `--chdir ${word(within)} `}${word(`${module}:${name}${factory ? '()' : ''}`)}`,
  },
  { dependency: 'uvicorn', kinds: ['asgi'], line: uvicorn },
  { dependency: 'uvicorn', extra: ['fastapi', 'standard'], kinds: ['asgi'], line: uvicorn },
  { dependency: 'uvicorn', extra: ['fastapi', 'all'], kinds: ['asgi'], line: uvicorn },
  {
    dependency: 'hypercorn',
    kinds: ['asgi', 'wsgi'],
    line: ({ module, name, factory }) =>
      `hypercorn --bind "0.0.0.0:$PORT" ${word(`${module}:${name}${factory ? '()' : ''}`)}`,
  },
  {
    dependency: 'waitress',
    kinds: ['wsgi'],
    line: ({ module, name, factory }) =>
      `waitress --port="$PORT" ${factory ? '--call ' : ''}${word(`${module}:${name}`)}`,
  },
];

function serverFor(project: PythonProject, kind: 'wsgi' | 'asgi'): Server | undefined {
  return servers.find(
    (each) =>
      each.kinds.includes(kind) &&
      (project.dependsOn(each.dependency) || (each.extra !== undefined && project.withExtra(...each.extra))),
  );
}

const django: Rule = ({ files, project, manager }) => {
  if (!files.exists('manage.py') || !project.dependsOn('django')) return null;
  const settings = /DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]{1,200})["']/.exec(
    glance(files, 'manage.py') ?? '',
  )?.[1];
  const parts = settings?.split('.').slice(0, -1) ?? [];
  const packages = [...parts.map((_, i) => parts.slice(0, parts.length - i).join('/')), ...foldersIn(files, '.')];
  const found = ['wsgi', 'asgi'].flatMap((name) => {
    const folder = packages.find((each) => files.exists(`${each}/${name}.py`));
    return folder === undefined ? [] : [{ name, folder }];
  });
  const manage = `${manager.python} manage.py`;
  const common = {
    framework: 'Django',
    ...collected(files, settings, manage),
    entry: found[0] === undefined ? null : `${found[0].folder}/urls.py`,
    migrations: [migrationNotice('Django', 'manage.py', `${manage} migrate --noinput`)],
  };
  for (const { name, folder } of found) {
    const server = serverFor(project, name === 'wsgi' ? 'wsgi' : 'asgi');
    if (server === undefined) continue;
    const path = `${folder}/${name}.py`;
    const app = {
      module: `${folder.replaceAll('/', '.')}.${name}`,
      name: 'application',
      factory: false,
      within: null,
      path,
    };
    return {
      ...common,
      start: command(`${manager.python} -m ${server.line(app)}`, `${path} and ${server.dependency}`),
    };
  }
  const start = command(`${manage} runserver --noreload "0.0.0.0:$PORT"`, 'manage.py');
  return { ...common, start, notices: [developmentServer('Django', 'gunicorn', 'manage.py')] };
};

/** Files for browsers are collected where the settings say so: STATIC_ROOT. */
function collected(files: FileView, settings: string | undefined, manage: string): { build: Found | null } {
  const path = settings?.replaceAll('.', '/') ?? '';
  const candidates = [`${path}.py`, `${path}/__init__.py`, `${path.slice(0, path.lastIndexOf('/'))}/base.py`];
  const origin = candidates.find((each) => /^[ \t]*STATIC_ROOT\s*=/m.test(glance(files, each) ?? ''));
  return {
    build:
      origin === undefined ? null : { value: `${manage} collectstatic --noinput`, origin: `${origin}, STATIC_ROOT` },
  };
}

/** Frameworks by what makes an application of them. */
const applications = [
  { framework: 'FastAPI', dependency: 'fastapi', kind: 'asgi', made: 'FastAPI', server: 'uvicorn' },
  { framework: 'Litestar', dependency: 'litestar', kind: 'asgi', made: 'Litestar', server: 'uvicorn' },
  { framework: 'Quart', dependency: 'quart', kind: 'asgi', made: 'Quart', server: 'hypercorn' },
  { framework: 'Starlette', dependency: 'starlette', kind: 'asgi', made: 'Starlette', server: 'uvicorn' },
  { framework: 'Flask', dependency: 'flask', kind: 'wsgi', made: 'Flask', server: 'gunicorn' },
  { framework: 'Falcon', dependency: 'falcon', kind: 'wsgi', made: 'falcon\\.App', server: 'gunicorn' },
  { framework: 'Bottle', dependency: 'bottle', kind: 'wsgi', made: 'Bottle', server: 'gunicorn' },
] as const;

const fromApplication: Rule = ({ files, project, manager }) => {
  for (const { framework, dependency, kind, made, server: advised } of applications) {
    if (!project.dependsOn(dependency)) continue;
    const app = applicationIn(files, project, made);
    if (app === null) continue;
    const server = serverFor(project, kind);
    const common = { framework, entry: app.path };
    if (server !== undefined) {
      return {
        ...common,
        start: command(`${manager.python} -m ${server.line(app)}`, `${app.path} and ${server.dependency}`),
      };
    }
    if (framework === 'Flask') {
      const line = `${manager.python} -m flask --app ${word(`${within(app)}${app.factory ? `:${app.name}` : ''}`)} run --host 0.0.0.0 --port "$PORT"`;
      return { ...common, start: command(line, app.path), notices: [developmentServer('Flask', advised, app.path)] };
    }
    return { ...common, notices: [noServer(framework, advised, app.path)] };
  }
  return null;
};

function within(app: Application): string {
  return app.within === null ? app.module : app.path.replace(/\.py$/, '');
}

const names = ['wsgi', 'asgi', 'main', 'app', 'application', 'server', 'api', 'run', '__init__', 'core'];
const notPackages = /^(tests?|docs?|migrations|scripts|static|templates|node_modules|venv|env|alembic|\..*)$/;

/** The first file that makes an application at its top, else the first with a function that makes one. */
function applicationIn(files: FileView, project: PythonProject, made: string): Application | null {
  const packages = (top: string) => foldersIn(files, top).filter((each) => !notPackages.test(nameOf(each)));
  const folders = ['.', ...packages('.'), ...packages('src')].slice(0, 50);
  const deeper = folders
    .filter((each) => each !== '.')
    .flatMap(packages)
    .slice(0, 50);
  const paths = [...folders, ...deeper].flatMap((folder) =>
    namesIn(files, folder, new RegExp(`^(${names.join('|')})\\.py$`)),
  );
  const texts = paths
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 100)
    .map((path) => ({ path, text: glance(files, path) ?? '' }));
  const instance = new RegExp(`^(\\w{1,60})\\s*(?::[^=\\n]{1,60})?=\\s*(?:\\w{1,40}\\.)?${made}\\s*\\(`, 'm');
  // `app = create_app()` in wsgi.py: made by a function of another file.
  const called =
    /^(app|application|api|server)\s*(?::[^=\n]{1,60})?=\s*(?:create|make|build|get)_(?:app|application)\s*\(/m;
  const factory = /^def ((?:create|make|build|get)_(?:app|application)|app_factory)\s*\(/m;
  for (const [pattern, isFactory] of [
    [instance, false],
    [called, false],
    [factory, true],
  ] as const) {
    for (const { path, text } of texts) {
      const name = pattern.exec(text)?.[1];
      if (name !== undefined) return { ...moduleOf(path, project), name, factory: isFactory, path };
    }
  }
  return null;
}

function rank(path: string): number {
  return path.split('/').length * 20 + names.indexOf(nameOf(path).slice(0, -3));
}

/** The name by which Python imports the file. Below src/ it is found only when the project is installed, or when it is told where. */
function moduleOf(path: string, project: PythonProject): { module: string; within: string | null } {
  const plain = path.replace(/\.py$/, '').replace(/\/__init__$/, '');
  const src = plain.startsWith('src/');
  return {
    module: (src ? plain.slice(4) : plain).replaceAll('/', '.'),
    within: src && !project.packaged ? 'src' : null,
  };
}

const streamlit: Rule = ({ files, project, manager }) => {
  if (!project.dependsOn('streamlit')) return null;
  const path = ['streamlit_app.py', 'app.py', 'main.py', 'Home.py'].find((each) => files.exists(each));
  if (path === undefined) return null;
  const line = `${manager.python} -m streamlit run ${path} --server.address 0.0.0.0 --server.port "$PORT" --server.headless true`;
  return { framework: 'Streamlit', start: command(line, `${path} and streamlit`) };
};

const fromFile: Rule = ({ files, manager }) => {
  const path = ['main.py', 'app.py', 'server.py', 'run.py'].find((each) => listens(glance(files, each) ?? ''));
  if (path !== undefined) return { start: command(`${manager.python} ${path}`, path), entry: path };
  const inside = [...foldersIn(files, '.'), ...foldersIn(files, 'src')].find((each) =>
    ['__main__.py', 'main.py', 'server.py'].some(
      (name) => files.exists(`${each}/__main__.py`) && listens(glance(files, `${each}/${name}`) ?? ''),
    ),
  );
  if (inside === undefined) return null;
  const module = inside.replace(/^src\//, '').replaceAll('/', '.');
  return {
    start: command(`${manager.python} -m ${word(module)}`, `${inside}/__main__.py`),
    entry: `${inside}/__main__.py`,
  };
};

function developmentServer(framework: string, advised: string, origin: string): Notice {
  return {
    text: `It runs on ${framework}'s own server, which is made for development`,
    origin,
    help: `Add ${advised} to the requirements: it is then used by itself.`,
  };
}

function noServer(framework: string, advised: string, origin: string): Notice {
  return {
    text: `${framework} needs a server, and none is among the requirements`,
    origin,
    help: `Add ${advised} to the requirements: it is then used by itself.`,
  };
}

function command(line: string, origin: string): Start {
  return { kind: 'command', command: line, origin };
}
