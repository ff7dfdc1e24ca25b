import { TowpathError } from '@towpath/contract';
import { z } from 'zod';
import type { FileView } from './files.ts';

const Scripts = z.record(z.string(), z.string());
const Dependencies = z.record(z.string(), z.unknown());

/** What detection reads of a package.json; the rest of it is nobody's business. */
const Manifest = z.object({
  main: z.string().optional(),
  scripts: Scripts.default({}),
  dependencies: Dependencies.default({}),
  devDependencies: Dependencies.default({}),
  optionalDependencies: Dependencies.default({}),
  workspaces: z.unknown().optional(),
});

export interface NodePackage {
  readonly main: string | null;
  /** The script's text, or null. */
  script(name: string): string | null;
  dependsOn(name: string): boolean;
  /** Has anything to install. */
  readonly installs: boolean;
}

/** The package.json at the top of the folder; null when there is none. Throws `unreadable_manifest` when npm could not read it either. */
export function readNodePackage(files: FileView): NodePackage | null {
  const text = files.read('package.json');
  if (text === null) return null;
  const parsed = Manifest.safeParse(parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.map(String).join('.') || 'it'}: ${issue?.message}`);
  }
  const { main, scripts, dependencies, devDependencies, optionalDependencies, workspaces } = parsed.data;
  const tables = [dependencies, devDependencies, optionalDependencies];
  return {
    main: main?.trim() || null,
    script: (name) => (Object.hasOwn(scripts, name) && scripts[name]?.trim()) || null,
    dependsOn: (name) => tables.some((table) => Object.hasOwn(table, name)),
    installs: workspaces !== undefined || tables.some((table) => Object.keys(table).length > 0),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error));
  }
}

function unreadable(why: string): TowpathError {
  return new TowpathError('unreadable_manifest', `package.json cannot be read: ${why}`);
}
