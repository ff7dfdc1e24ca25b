import { z } from 'zod';
import { type FileView, join } from '../files.ts';
import { readJson } from '../parse.ts';

const Texts = z.record(z.string(), z.string());
const Dependencies = z.record(z.string(), z.unknown()).default({});

/** What detection reads of a package.json; the rest of it is nobody's business. */
const Manifest = z.object({
  name: z.unknown().optional(),
  private: z.unknown().optional(),
  main: z.string().optional(),
  scripts: Texts.default({}),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
  workspaces: z.unknown().optional(),
  packageManager: z.unknown().optional(),
  engines: z.unknown().optional(),
  volta: z.unknown().optional(),
  prettier: z.unknown().optional(),
  eslintConfig: z.unknown().optional(),
  exports: z.unknown().optional(),
  types: z.unknown().optional(),
  typings: z.unknown().optional(),
  module: z.unknown().optional(),
  files: z.unknown().optional(),
  peerDependencies: z.unknown().optional(),
  publishConfig: z.unknown().optional(),
});

/** What a package that others install says of itself, and a service does not. */
const marksOfLibraries = [
  'exports',
  'types',
  'typings',
  'module',
  'files',
  'peerDependencies',
  'publishConfig',
] as const;

export interface NodePackage {
  readonly name: string | null;
  readonly main: string | null;
  /** The script's text, or null. */
  script(name: string): string | null;
  dependsOn(name: string): boolean;
  /** The names and wanted versions of its dependencies, of all kinds. */
  readonly dependencies: Readonly<Record<string, unknown>>;
  /** Has anything to install. */
  readonly installs: boolean;
  /** Folders (patterns) of its workspaces. */
  readonly workspaces: readonly string[];
  /** `{name: 'pnpm', version: '10.4.1'}`, without the hash. */
  readonly manager: { readonly name: string; readonly version: string } | null;
  /** `engines` or `volta`: the wanted version of a tool. */
  wants(table: 'engines' | 'volta', tool: string): string | null;
  /** Has this field, whatever is in it. */
  has(field: 'prettier' | 'eslintConfig' | 'workspaces'): boolean;
  /** Is it made to be installed by others? */
  readonly library: boolean;
}

const Workspaces = z
  .union([z.array(z.string()), z.object({ packages: z.array(z.string()) }).transform((each) => each.packages)])
  .catch([]);
const Versions = z.record(z.string(), z.unknown()).catch({});

/** The package.json of the folder; null when there is none. Throws `unreadable_manifest` when npm could not read it either. */
export function readNodePackage(files: FileView, folder = '.'): NodePackage | null {
  const manifest = readJson(files, join(folder, 'package.json'), Manifest);
  if (manifest === null) return null;
  const { scripts, workspaces } = manifest;
  const dependencies = {
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
    ...manifest.dependencies,
  };
  const tables = { engines: Versions.parse(manifest.engines), volta: Versions.parse(manifest.volta) };
  const manager = /^(npm|pnpm|yarn|bun)@(\d[\w.-]*)/.exec(textOf(manifest.packageManager) ?? '');
  return {
    name: textOf(manifest.name),
    main: manifest.main?.trim() || null,
    script: (name) => (Object.hasOwn(scripts, name) && scripts[name]?.trim()) || null,
    dependsOn: (name) => Object.hasOwn(dependencies, name),
    dependencies,
    installs: workspaces !== undefined || Object.keys(dependencies).length > 0,
    workspaces: Workspaces.parse(workspaces ?? []),
    manager: manager === null ? null : { name: manager[1] ?? '', version: manager[2] ?? '' },
    wants: (table, tool) => (Object.hasOwn(tables[table], tool) ? textOf(tables[table][tool]) : null),
    has: (field) => manifest[field] !== undefined,
    library: manifest.private !== true && marksOfLibraries.some((field) => manifest[field] !== undefined),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.trim() || null : null;
}
