import type { FileView } from '../files.ts';
import { firstOf, foldersBelow, glance, isAside, namesIn } from '../files.ts';
import { type Check, type Findings, type Found, type Notice, nothing, type Place, versioned } from '../found.ts';
import { sourcesNear } from '../listening.ts';
import { migrationNotice } from '../migrations.ts';
import { type PythonManager, pythonManagerOf } from './managers.ts';
import { type PythonProject, readPythonProject } from './project.ts';
import { pythonStartOf } from './start.ts';

/** Services in Python. Throws `unreadable_manifest` for a pyproject.toml or Pipfile that Python's tools could not read either. */
export function python(place: Place): Findings | null {
  const { files } = place;
  const project = readPythonProject(files);
  if (project === null) return null;
  const manager = pythonManagerOf(place, project);
  const { framework, start, build, entry, notices, migrations } = pythonStartOf({ files, project, manager });
  const { checks, missing } = qualityOf(files, project, manager);
  const kind = `${framework === null ? '' : `${framework} on `}${versioned('Python', project.runtime)}${manager.install === null ? '' : ` with ${manager.name}`}`;
  const alembic = project.dependsOn('alembic') && files.exists('alembic.ini');
  return {
    ...nothing,
    kind: { value: kind, origin: manager.install?.origin ?? project.runtime.origin },
    tools: manager.tool === null ? [project.runtime] : [project.runtime, manager.tool],
    install: manager.install,
    quality: checks,
    test: testOf(files, project, manager),
    build,
    start,
    cache:
      manager.keys.length === 0 ? null : { keys: manager.keys, folders: [manager.environment], replacesInstall: false },
    notices: [...manager.notices, ...missing, ...notices],
    path: manager.install === null ? [] : [manager.python.replace(/\/python$/, '')],
    migrations: alembic
      ? [migrationNotice('Alembic', 'alembic.ini', `${manager.python} -m alembic upgrade head`)]
      : migrations,
    certain: framework !== null,
    sources: entry === null ? [] : sourcesNear(files, entry, /\.py$/),
    ask: 'Which command starts the service? No application of Django, FastAPI, Flask or the like was found in the usual files (main.py, app.py, wsgi.py, …)',
  };
}

interface PythonTool {
  readonly name: Check['name'];
  readonly dependency: string;
  /** How it is set up: files of its own, a table of pyproject.toml, or a part of other files. */
  readonly files: readonly string[];
  readonly table: string;
  readonly part?: readonly [string, RegExp];
  /** Set up as soon as it is among the requirements. */
  readonly always?: true;
  readonly line: string;
}

const tools: readonly PythonTool[] = [
  {
    name: 'lint',
    dependency: 'ruff',
    files: ['ruff.toml', '.ruff.toml'],
    table: 'ruff',
    always: true,
    line: 'ruff check .',
  },
  {
    name: 'lint',
    dependency: 'flake8',
    files: ['.flake8'],
    table: 'flake8',
    part: ['setup.cfg', /^\[flake8\]/m],
    always: true,
    line: 'flake8 --exclude .venv',
  },
  {
    name: 'lint',
    dependency: 'pylint',
    files: ['.pylintrc', 'pylintrc'],
    table: 'pylint',
    line: 'pylint --recursive=y --ignore=.venv .',
  },
  {
    name: 'types',
    dependency: 'mypy',
    files: ['mypy.ini', '.mypy.ini'],
    table: 'mypy',
    part: ['setup.cfg', /^\[mypy\]/m],
    line: 'mypy',
  },
  { name: 'types', dependency: 'pyright', files: ['pyrightconfig.json'], table: 'pyright', line: 'pyright' },
  { name: 'format', dependency: 'black', files: [], table: 'black', always: true, line: 'black --check .' },
  {
    name: 'format',
    dependency: 'ruff',
    files: [],
    table: 'ruff.format',
    part: ['.pre-commit-config.yaml', /\bruff-format\b/],
    line: 'ruff format --check .',
  },
];
const names = ['lint', 'types', 'format'] as const;

function qualityOf(files: FileView, project: PythonProject, manager: PythonManager) {
  const checks: Check[] = [];
  const missing: Notice[] = [];
  for (const name of names) {
    const set = tools
      .filter((each) => each.name === name)
      .map((tool) => ({ tool, origin: setUpBy(files, project, tool) }));
    const usable = set.find(({ tool, origin }) => origin !== null && project.dependsOn(tool.dependency));
    if (usable !== undefined && usable.origin !== null) {
      checks.push({
        name,
        command: `${manager.python} -m ${lineOf(files, project, usable.tool)}`,
        origin: usable.origin,
      });
      continue;
    }
    const absent = set.find(({ origin }) => origin !== null);
    if (
      absent === undefined ||
      absent.origin === null ||
      missing.some((each) => each.text.startsWith(absent.tool.dependency))
    )
      continue;
    const text = `${absent.tool.dependency} is set up but not among the requirements: it is not run`;
    missing.push({
      text,
      origin: absent.origin,
      help: `Add ${absent.tool.dependency} to the requirements for development.`,
    });
  }
  return { checks, missing };
}

function setUpBy(files: FileView, project: PythonProject, tool: PythonTool): string | null {
  const file = firstOf(files, tool.files);
  if (file !== null) return file;
  const steps = tool.table.split('.');
  const table = steps.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
    project.tools,
  );
  if (table !== undefined) return `pyproject.toml, "tool.${tool.table}"`;
  if (tool.part?.[1].test(glance(files, tool.part[0]) ?? '')) return tool.part[0];
  return tool.always && project.dependsOn(tool.dependency) ? `requirement "${tool.dependency}"` : null;
}

/** mypy must be told what to look at, unless its settings do. */
function lineOf(files: FileView, project: PythonProject, { dependency, line }: PythonTool): string {
  if (dependency !== 'mypy') return line;
  const table = project.tools.mypy;
  const told =
    typeof table === 'object' && table !== null && ['files', 'packages', 'modules'].some((key) => key in table);
  const inFile = ['mypy.ini', '.mypy.ini', 'setup.cfg'].some((path) =>
    /^(files|packages|modules)\s*=/m.test(glance(files, path) ?? ''),
  );
  return told || inFile ? line : `${line} ${files.list('src').length > 0 ? 'src' : '.'}`;
}

function testOf(files: FileView, project: PythonProject, { python }: PythonManager): Found | null {
  const tests = testsIn(files);
  if (project.dependsOn('pytest') && tests !== null)
    return { value: `${python} -m pytest`, origin: `${tests} and requirement "pytest"` };
  if (project.dependsOn('django') && files.exists('manage.py')) {
    return tests === null ? null : { value: `${python} manage.py test`, origin: `manage.py and ${tests}` };
  }
  if (project.dependsOn('tox') && files.exists('tox.ini')) return { value: `${python} -m tox`, origin: 'tox.ini' };
  if (tests === null || !/\bunittest\b/.test(glance(files, tests) ?? '')) return null;
  const folder = tests.includes('/') ? ` -s ${tests.slice(0, tests.indexOf('/'))}` : '';
  return { value: `${python} -m unittest discover${folder}`, origin: `${tests}, which uses unittest` };
}

/** The first file of tests, by pytest's and Django's names. */
function testsIn(files: FileView): string | null {
  const skip = (folder: string) => isAside(folder) && !/\/?src$/.test(folder);
  for (const folder of foldersBelow(files, '.', 3, skip)) {
    const [found] = namesIn(files, folder, /^(test_.*|.*_test|tests)\.py$/);
    if (found !== undefined) return found;
  }
  return null;
}
