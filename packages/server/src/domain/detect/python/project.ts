import { z } from 'zod';
import { type FileView, firstOf, glance } from '../files.ts';
import type { Tool } from '../found.ts';
import { evidence, readJson, readToml } from '../parse.ts';

const Table = z.record(z.string(), z.unknown());
const Lists = z.record(z.string(), z.array(z.unknown()));

/** What detection reads of a pyproject.toml. */
const PyProject = z.object({
  'build-system': z.unknown().optional(),
  project: z
    .object({
      name: z.string().optional(),
      'requires-python': z.string().optional(),
      dependencies: z.array(z.string()).default([]),
      'optional-dependencies': Lists.default({}),
      scripts: Table.default({}),
    })
    .optional(),
  'dependency-groups': Lists.default({}),
  tool: Table.default({}),
});

const Poetry = z.object({
  name: z.string().optional(),
  'package-mode': z.boolean().optional(),
  packages: z.unknown().optional(),
  dependencies: Table.default({}),
  'dev-dependencies': Table.default({}),
  group: z.record(z.string(), z.object({ dependencies: Table.default({}) })).default({}),
});
const Uv = z.object({ 'dev-dependencies': z.array(z.string()).default([]) });
const Pipfile = z.object({
  packages: Table.default({}),
  'dev-packages': Table.default({}),
  requires: z.object({ python_version: z.string().optional(), python_full_version: z.string().optional() }).optional(),
});

export interface PythonProject {
  /** Of a requirement, whatever its spelling: names are compared as PEP 503 says. */
  dependsOn(name: string): boolean;
  /** The requirement asks for this extra: `fastapi[standard]`. */
  withExtra(name: string, extra: string): boolean;
  /** pyproject.toml has `[tool.<name>]`. */
  readonly tools: Readonly<Record<string, unknown>>;
  readonly name: string | null;
  /** pyproject.toml has a `[project]`. */
  readonly declared: boolean;
  /** It is a package to be installed itself: it names a build-system, or has a setup.py. */
  readonly packaged: boolean;
  /** `[project]`'s own requirements, as they are written. */
  readonly requirements: readonly string[];
  readonly extras: readonly string[];
  /** Those of the extras that bring a server for the application. */
  readonly serving: readonly string[];
  readonly groups: readonly string[];
  /** pyproject.toml has a `[tool.poetry]`. */
  readonly poetry: boolean;
  /** Poetry finds the package of the project itself, which it installs beside the dependencies. */
  readonly poetryPackage: boolean;
  readonly pipfile: boolean;
  /** Files of requirements, with those for tests last. */
  readonly requirementFiles: readonly string[];
  readonly runtime: Tool;
}

const production = [
  'requirements.txt',
  'requirements/production.txt',
  'requirements/prod.txt',
  'requirements/base.txt',
];
const development = [
  'requirements-dev.txt',
  'requirements_dev.txt',
  'dev-requirements.txt',
  'requirements/dev.txt',
  'requirements/development.txt',
  'requirements-test.txt',
  'requirements_test.txt',
  'test-requirements.txt',
  'requirements/test.txt',
  'requirements/tests.txt',
];
const server = /^\s*(gunicorn|uvicorn|hypercorn|waitress)\b/i;
const marks = ['pyproject.toml', 'setup.py', 'Pipfile', 'manage.py', 'uv.lock', 'poetry.lock', ...production];
const programs = ['main.py', 'app.py', 'wsgi.py', 'server.py'];

/** Null where nothing speaks for Python. Throws `unreadable_manifest` for a pyproject.toml or Pipfile that Python's tools could not read. */
export function readPythonProject(files: FileView): PythonProject | null {
  if (firstOf(files, [...marks, ...programs]) === null) return null;
  const pyproject = readToml(files, 'pyproject.toml', PyProject);
  const tools = pyproject?.tool ?? {};
  const optional = pyproject?.project?.['optional-dependencies'] ?? {};
  const poetry = Poetry.safeParse(tools.poetry).data ?? null;
  const pipfile = readToml(files, 'Pipfile', Pipfile);
  const requirementFiles = [firstOf(files, production), firstOf(files, development)].flatMap((each) => each ?? []);
  const texts = [
    ...requirementFiles.flatMap((path) => (glance(files, path) ?? '').split('\n')),
    ...(pyproject?.project?.dependencies ?? []),
    ...Object.values(optional).flat(),
    ...Object.values(pyproject?.['dependency-groups'] ?? {}).flat(),
    ...(Uv.safeParse(tools.uv).data?.['dev-dependencies'] ?? []),
    ...setupRequirements(files),
  ].filter((each) => typeof each === 'string');
  const tables = [
    poetry?.dependencies,
    poetry?.['dev-dependencies'],
    ...Object.values(poetry?.group ?? {}).map((group) => group.dependencies),
    pipfile?.packages,
    pipfile?.['dev-packages'],
  ];
  const extras = extrasOf(texts, tables);
  const name = pyproject?.project?.name ?? poetry?.name ?? null;
  return {
    dependsOn: (wanted) => extras.has(normal(wanted)),
    withExtra: (wanted, extra) => extras.get(normal(wanted))?.has(extra) ?? false,
    tools,
    name,
    declared: pyproject?.project !== undefined,
    packaged: pyproject?.['build-system'] !== undefined || files.exists('setup.py'),
    requirements: pyproject?.project?.dependencies ?? [],
    extras: Object.keys(optional),
    serving: Object.keys(optional).filter((extra) =>
      optional[extra]?.some((each) => typeof each === 'string' && server.test(each)),
    ),
    groups: Object.keys(pyproject?.['dependency-groups'] ?? {}),
    poetry: poetry !== null,
    poetryPackage: poetry?.['package-mode'] !== false && hasPackage(files, poetry, name),
    pipfile: pipfile !== null,
    requirementFiles,
    runtime: runtimeOf(files, pyproject?.project?.['requires-python'] ?? null, poetry, pipfile),
  };
}

/** Poetry refuses to install a project whose package it does not find. */
function hasPackage(files: FileView, poetry: z.infer<typeof Poetry> | null, name: string | null): boolean {
  const folder = normal(name ?? '').replaceAll('-', '_');
  return (
    poetry?.packages !== undefined ||
    [folder, `src/${folder}`].some((each) => files.list(each).length > 0 || files.exists(`${each}.py`))
  );
}

/** The extras that are asked for, by the name of the requirement. */
function extrasOf(texts: readonly string[], tables: readonly (Readonly<Record<string, unknown>> | undefined)[]) {
  const found = new Map<string, Set<string>>();
  const add = (name: string, extras: readonly string[]) => {
    const known = found.get(normal(name)) ?? new Set();
    for (const extra of extras) known.add(extra.trim());
    found.set(normal(name), known);
  };
  for (const text of texts) {
    const [, name, extras] = /^\s*([A-Za-z0-9][\w.-]{0,100})\s*(?:\[([^\]]{0,200})\])?/.exec(text) ?? [];
    if (name !== undefined) add(name, extras?.split(',') ?? []);
  }
  for (const table of tables) {
    for (const [name, value] of Object.entries(table ?? {})) {
      const extras = z.object({ extras: z.array(z.string()) }).safeParse(value).data?.extras;
      add(name, extras ?? []);
    }
  }
  return found;
}

/** The words in quotes of a setup.py's or setup.cfg's requirements: a name is all that is read. */
function setupRequirements(files: FileView): string[] {
  const text = glance(files, 'setup.py') ?? '';
  const list = /install_requires\s*=\s*\[([^\]]{0,5000})\]/.exec(text)?.[1] ?? '';
  return [...list.matchAll(/["']([^"'\n]{1,200})["']/g)].map((found) => found[1] ?? '');
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]{1,10}/g, '-');
}

function runtimeOf(
  files: FileView,
  required: string | null,
  poetry: z.infer<typeof Poetry> | null,
  pipfile: z.infer<typeof Pipfile> | null,
): Tool {
  const line = (path: string, pattern: RegExp) => pattern.exec(glance(files, path) ?? '')?.[1] ?? null;
  const inPoetry = typeof poetry?.dependencies.python === 'string' ? poetry.dependencies.python : null;
  const locked = firstOf(files, ['Pipfile.lock']) === null ? null : lockedPython(files);
  const places: readonly (readonly [string | null, string])[] = [
    [line('.python-version', /^\s*([\w.-]{1,40})/), '.python-version'],
    [line('runtime.txt', /^\s*python-([\d.]{1,20})/), 'runtime.txt'],
    [pipfile?.requires?.python_full_version ?? null, 'Pipfile, "requires.python_full_version"'],
    [pipfile?.requires?.python_version ?? null, 'Pipfile, "requires.python_version"'],
    [required, 'pyproject.toml, "project.requires-python"'],
    [inPoetry, 'pyproject.toml, "tool.poetry.dependencies.python"'],
    [locked, 'Pipfile.lock, "requires"'],
  ];
  const found = places.find(([wanted]) => wanted !== null);
  return {
    name: 'python',
    wanted: found?.[0] ?? null,
    origin: found?.[1] ?? firstOf(files, [...marks, ...programs]) ?? '',
  };
}

const Lock = z.object({ _meta: z.object({ requires: z.object({ python_version: z.string().optional() }) }) });

function lockedPython(files: FileView): string | null {
  return evidence(readJson, files, 'Pipfile.lock', Lock)?._meta.requires.python_version ?? null;
}
