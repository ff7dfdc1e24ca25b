import { z } from 'zod';
import type { Kind, NoRecipe, Recipe } from './kind.ts';
import { normalName, ownPackages, pythonHolders } from './python-installs.ts';

const common = {
  root: '.',
  folders: ['.venv'],
  linked: [],
  programs: ['python3'],
  last: null,
  holders: pythonHolders,
  linksOut: true,
} as const;

/** In poetry.lock: a package that is no archive of an index. */
const elsewhere = /^type = "(directory|file|git|url)"/m;
const named = /^name[ \t]*=[ \t]*["']([A-Za-z0-9][\w.-]*)["']/gm;

/** What makes the package of the project itself more than a line that leads to its files. */
const unfit: readonly (readonly [file: string, found: RegExp, refused: string])[] = [
  ['pyproject.toml', /^(?:build[ \t]*=|\[tool\.poetry\.build\])/m, 'has a script that builds the package'],
  [
    'pyproject.toml',
    /^build-backend[ \t]*=(?![ \t]*["']poetry\.(?:core\.)?masonry\.api["'])/m,
    'has the package built by another tool than Poetry',
  ],
  ['pyproject.toml', /\bpoetry-dynamic-versioning\b/, 'has the version made by a plugin'],
];

/** Poetry into the project, where its lock file names archives of an index only. */
export const poetry: Kind = {
  command: /^POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction(?: --no-root)?$/,
  read: (text, typed): Recipe | NoRecipe | null => {
    const [lock, project, settings] = [text('poetry.lock'), text('pyproject.toml'), text('poetry.toml')];
    if (lock === null || project === null) return null;
    const kind = elsewhere.exec(lock)?.[1];
    if (kind !== undefined) return { refused: `poetry.lock names a package of the kind "${kind}"` };
    if (/\bsystem-site-packages\b/.test(settings ?? '')) return { refused: 'poetry.toml sets system-site-packages' };
    const wrong = typed.endsWith(' --no-root') ? undefined : unfit.find(([file, what]) => what.test(text(file) ?? ''));
    if (wrong !== undefined) return { refused: `${wrong[0]} ${wrong[2]}` };
    const names = [...`${lock}\n${project}`.matchAll(named)].map((found) => normalName(found[1] ?? ''));
    const only = [...new Set([...ownPackages, ...names])];
    return { ...common, lockfile: 'poetry.lock', only, inputs: [lock, project, settings ?? ''] };
  },
};

const Packages = z.record(z.string(), z.looseObject({ version: z.string().optional() })).default({});
const Lock = z.looseObject({ default: Packages, develop: Packages });
const notPinned = ['path', 'file', 'git', 'hg', 'svn', 'bzr', 'editable'];

/** Pipenv into the project, where its lock file names archives of an index only. */
export const pipenv: Kind = {
  command: /^PIPENV_VENV_IN_PROJECT=1 pipenv sync(?: --dev)?$/,
  read: (text): Recipe | NoRecipe | null => {
    const [lock, pipfile] = [text('Pipfile.lock'), text('Pipfile')];
    if (lock === null || pipfile === null) return null;
    const read = Lock.safeParse(json(lock));
    if (!read.success) return null; // Pipenv says what is wrong with it
    const packages = [...Object.entries(read.data.default), ...Object.entries(read.data.develop)];
    const wrong = packages.find(
      ([, each]) => each.version?.startsWith('==') !== true || notPinned.some((key) => key in each),
    );
    if (wrong !== undefined) return { refused: `Pipfile.lock names "${wrong[0].slice(0, 100)}" without one version` };
    const only = [...new Set([...ownPackages, ...packages.map(([name]) => normalName(name))])];
    return { ...common, lockfile: 'Pipfile.lock', only, inputs: [lock, pipfile] };
  },
};

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
