import { firstOf, join, wayUp } from '../files.ts';
import { type Found, type Notice, type Place, type Tool, word } from '../found.ts';
import { workspaceAround } from '../workspaces.ts';
import type { PythonProject } from './project.ts';

/** How the virtual environment of the service is made. */
export interface PythonManager {
  readonly name: string;
  readonly tool: Tool | null;
  readonly install: Found | null;
  /** Files that the environment is made of, and the environment, from the top of the repository. */
  readonly keys: readonly string[];
  readonly environment: string;
  /** What runs a module: `.venv/bin/python -m`. Unlike the programs beside it, it also works from another place. */
  readonly python: string;
  readonly notices: readonly Notice[];
}

interface Way {
  readonly name: string;
  /** It is this one where the files are there, or the project says so. */
  readonly files: readonly string[];
  readonly by?: (project: PythonProject) => boolean;
  readonly locked: (project: PythonProject) => string;
  readonly unlocked: (project: PythonProject) => string;
}

const wanted = ['dev', 'test', 'tests', 'testing', 'lint'];

function extrasFor(project: PythonProject): string[] {
  return project.extras.filter((extra) => wanted.includes(extra) || project.serving.includes(extra));
}

function poetry(project: PythonProject): string {
  const root = project.poetryPackage ? '' : ' --no-root';
  return `POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction${root}`;
}

function uv(project: PythonProject): string {
  const groups = project.groups.filter((group) => group !== 'dev' && wanted.includes(group));
  return [
    'uv sync',
    ...extrasFor(project).map((extra) => `--extra ${extra}`),
    ...groups.map((group) => `--group ${group}`),
  ].join(' ');
}

/** By their lock files, then by what the manifest is written for. */
const ways: readonly Way[] = [
  { name: 'uv', files: ['uv.lock'], locked: (project) => `${uv(project)} --locked`, unlocked: uv },
  { name: 'poetry', files: ['poetry.lock'], locked: poetry, unlocked: poetry },
  { name: 'pdm', files: ['pdm.lock'], locked: () => 'pdm install --frozen-lockfile', unlocked: () => 'pdm install' },
  {
    name: 'pipenv',
    files: ['Pipfile.lock'],
    by: (project) => project.pipfile,
    locked: () => 'PIPENV_VENV_IN_PROJECT=1 pipenv sync --dev',
    unlocked: () => 'PIPENV_VENV_IN_PROJECT=1 pipenv install --dev',
  },
];

const environment = '.venv';

export function pythonManagerOf(place: Place, project: PythonProject): PythonManager {
  const { files, folder, repository } = place;
  const around = files.exists('uv.lock') ? null : workspaceAround(repository, folder, ['uv']);
  const root = around?.folder ?? folder;
  const there = (name: string) => repository.exists(join(root, name));
  const way =
    ways.find((each) => each.files.some(there)) ??
    (project.requirementFiles.length > 0 ? undefined : ways.find((each) => each.by?.(project))) ??
    (project.poetry && !project.declared && project.requirementFiles.length === 0 ? ways[1] : undefined);
  const python = `${join(wayUp(folder, root), environment)}/bin/python`;
  if (way === undefined) return pip(place, project);
  const lockfile = way.files.find(there) ?? null;
  const manifest = way.name === 'pipenv' ? 'Pipfile' : 'pyproject.toml';
  return {
    name: way.name,
    tool: { name: way.name, wanted: null, origin: lockfile ?? manifest },
    install: {
      value: lockfile === null ? way.unlocked(project) : way.locked(project),
      origin: `${lockfile ?? `${manifest}, without a lock file`}${root === folder ? '' : ` of ${root === '.' ? 'the top folder' : root}`}`,
    },
    keys: lockfile === null ? [] : [join(root, lockfile)],
    environment: join(root, environment),
    python,
    notices: lockfile === null ? [unlocked(manifest, `${way.name} lock`)] : [],
  };
}

function pip({ files, folder }: Place, project: PythonProject): PythonManager {
  const made = `python3 -m venv ${environment}`;
  const run = `${environment}/bin/python -m pip install`;
  const own = project.packaged
    ? [`-e ${word(extrasFor(project).length > 0 ? `.[${extrasFor(project).join(',')}]` : '.')}`]
    : [];
  const groups = project.groups.filter((group) => wanted.includes(group)).map((group) => `--group ${group}`);
  const listed = project.packaged ? [] : project.requirements.filter((text) => /^[A-Za-z0-9]/.test(text)).map(word);
  const given = project.requirementFiles.map((path) => `-r ${path}`);
  const args =
    given.length > 0 ? [...given, ...(files.list('src').length > 0 ? own : [])] : [...own, ...listed, ...groups];
  const nothing = args.length === 0;
  const newer = groups.length > 0 && given.length === 0 ? ` && ${run} 'pip>=25.1'` : '';
  const manifest = project.requirementFiles[0] ?? firstOf(files, ['pyproject.toml', 'setup.py']) ?? '';
  return {
    name: 'pip',
    tool: null,
    install: nothing
      ? null
      : {
          value: `${made}${newer} && ${run} ${args.join(' ')}`,
          origin: project.requirementFiles.join(' and ') || manifest,
        },
    keys: nothing
      ? []
      : [...project.requirementFiles, ...(given.length === 0 ? [manifest] : [])].map((path) => join(folder, path)),
    environment: join(folder, environment),
    python: nothing ? 'python3' : `${environment}/bin/python`,
    notices: nothing || given.length > 0 ? [] : [unlocked(manifest, 'uv lock')],
  };
}

function unlocked(manifest: string, command: string): Notice {
  return {
    text: 'There is no lock file: each run may install other versions',
    origin: manifest,
    help: `Commit what \`${command}\` writes.`,
  };
}
