import {
  knownKeys,
  type Mistake,
  mistakesOf,
  nearest,
  printable,
  RepositoryFile,
  SettingsLayer,
  schemaAt,
  TowpathError,
} from '@towpath/contract';
import { type Layer, nearestOf } from './layers.ts';
import { isTree } from './stored.ts';
import { type LineMistake, readYaml } from './yaml-document.ts';

const repositoryFileName = 'towpath.yaml';

/** What a repository says for itself, and the line that each of it stands on, by its path. */
export interface ReadFile {
  readonly values: SettingsLayer;
  readonly lines: ReadonlyMap<string, number>;
}

export interface Surroundings {
  /** The file as people find it, from the top of the repository. */
  readonly name?: string;
  /** The environments that there are; without them any name is taken. */
  readonly environments?: readonly string[];
}

const mostMistakes = 20;

/**
 * The settings in a towpath.yaml. Throws `unreadable_settings` with up to 20 mistakes, a line each, in the order of the file:
 * `towpath.yaml:7: replicas: "three" is no whole number; 0 to 100 is allowed`.
 */
export function readRepositoryFile(
  text: string,
  { name = repositoryFileName, environments }: Surroundings = {},
): ReadFile {
  const { value, lines, mistakes } = readYaml(text, isText);
  const taken = RepositoryFile.safeParse(value ?? {});
  const other = lookAlike(value);
  const sound = soundUntil(mistakes, lines);
  const found: LineMistake[] = other !== null ? [{ line: 1, path: [], message: other }] : [...mistakes];
  if (other === null && !(value === null && mistakes.length > 0)) {
    const wrong = [
      ...(taken.success ? [] : mistakesOf(taken.error, RepositoryFile)),
      ...unknownEnvironments(value, environments),
    ];
    const placed = wrong.map((each) => ({ ...inThisFile(each), line: nearestOf(lines, each.path.join('.')) ?? 1 }));
    const told = new Set(mistakes.map(({ path }) => path.join('.')));
    found.push(...placed.filter(({ line, path }) => line < sound && !told.has(path.join('.'))));
  }
  if (taken.success && found.length === 0) return { values: SettingsLayer.parse(taken.data), lines };
  throw new TowpathError('unreadable_settings', worded(found, name));
}

/** The first line that may be seen wrong: a line below it that cannot be read may belong to it. */
function soundUntil(mistakes: readonly LineMistake[], lines: ReadonlyMap<string, number>): number {
  const unread = Math.min(...mistakes.filter(({ path }) => path.length === 0).map(({ line }) => line), Infinity);
  const parts = [...lines].filter(([path, line]) => !path.includes('.') && line < unread).map(([, line]) => line);
  return unread === Infinity ? Infinity : Math.max(1, ...parts);
}

/** The file as a layer: `towpath.yaml, line 4`. */
export const repositoryLayer = ({ values, lines }: ReadFile, name: string = repositoryFileName): Layer => ({
  values,
  origin: (path) => `${name}, line ${nearestOf(lines, path) ?? 1}`,
});

/** Versions and variables are texts, whatever they look like. */
const isText = (path: readonly string[]): boolean => {
  const [group] = path[0] === 'environments' ? path.slice(2) : path;
  return group === 'env' || group === 'runtime';
};

function worded(mistakes: readonly LineMistake[], name: string): string {
  const sorted = mistakes.toSorted((a, b) => a.line - b.line);
  const lines = sorted.map(({ line, path, message }) =>
    [`${name}:${line}`, ...(path.length === 0 ? [] : [shownPath(path)]), message].join(': '),
  );
  const all = [...new Set(lines)];
  const more = all.length - mostMistakes;
  return [...all.slice(0, mostMistakes), ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** `triggers.branches[2]`; names come from outside and are shown without what a terminal would act on. */
const shownPath = (path: readonly string[]): string =>
  path
    .map((part) => (part.length > 60 ? `${part.slice(0, 60)}…` : part))
    .map((part, index) =>
      index > 0 && /^\d+$/.test(part) ? `[${part}]` : `${index === 0 ? '' : '.'}${printable(part)}`,
    )
    .join('');

/** Settings that are known, but not at this place. */
function inThisFile(mistake: Mistake): Mistake {
  const key = mistake.path.at(-1) ?? '';
  if (mistake.ofKey === undefined || !mistake.message.startsWith('unknown')) return mistake;
  if (mistake.path.length === 1 && schemaAt(SettingsLayer, [key]) !== null) {
    return { ...mistake, message: `belongs to the service, not to its repository: towpath service set --${key} …` };
  }
  if (mistake.path.length === 3 && schemaAt(RepositoryFile, [key]) !== null) {
    return { ...mistake, message: 'is the same in every environment: the build is promoted; give it at the top' };
  }
  if (
    mistake.path.length === 1 &&
    knownKeys(schemaAt(RepositoryFile, ['environments', '*']) ?? RepositoryFile).includes(key)
  ) {
    return { ...mistake, message: `belongs to an environment: environments: { production: { ${key}: … } }` };
  }
  return mistake;
}

function unknownEnvironments(value: unknown, environments: readonly string[] | undefined): Mistake[] {
  const named = isTree(value) ? value.environments : undefined;
  if (environments === undefined || !isTree(named)) return [];
  return Object.keys(named)
    .filter((name) => !environments.includes(name))
    .map((name) => {
      const meant = nearest(name, environments);
      const question = meant === null ? '' : `did you mean ${meant}? `;
      const message = `there is no such environment; ${question}${environments.join(', ')} are allowed`;
      return { path: ['environments', name], message, ofKey: true as const };
    });
}

type Tree = Readonly<Record<string, unknown>>;

/** Files of others that are found under this name, by the keys at their top. */
const others: readonly { readonly what: string; readonly is: (top: Tree) => boolean }[] = [
  { what: 'a GitHub Actions workflow', is: (top) => 'jobs' in top && ('on' in top || 'true' in top) },
  { what: 'a CircleCI configuration', is: (top) => 'jobs' in top && 'version' in top },
  { what: 'a compose file', is: (top) => 'services' in top && !('apiVersion' in top) },
  { what: 'a Kubernetes manifest', is: (top) => 'apiVersion' in top && 'kind' in top },
  { what: 'a GitLab CI pipeline', is: (top) => Object.values(top).some((job) => isTree(job) && 'script' in job) },
  { what: 'a Bitbucket pipeline', is: (top) => 'pipelines' in top },
  { what: 'a Kamal configuration', is: (top) => 'service' in top && 'servers' in top },
  { what: 'a Procfile', is: (top) => typeof top.web === 'string' },
];

function lookAlike(value: unknown): string | null {
  if (!isTree(value)) return null;
  const other = others.find(({ is }) => is(value));
  if (other === undefined) return null;
  const keys = Object.keys(value).slice(0, 3).map(printable).join(', ');
  return `looks like ${other.what} (${keys}); this file only says what Towpath does not find by itself, like "test: npm test"`;
}

/** Names under which the file is not read, though it was meant. */
const misnamed = /^\.?towpath\.(ya?ml|json5?|toml|config\.[cm]?[jt]s)$/i;

/** What to say when a folder has no towpath.yaml but a file that was meant as one; null when there is none. @param names in the folder */
export function fileNameHint(names: readonly string[]): string | null {
  if (names.includes(repositoryFileName)) return null;
  const meant = names.filter((name) => misnamed.test(name)).toSorted()[0];
  if (meant === undefined) return null;
  const how = /ya?ml$/i.test(meant) ? 'rename it to' : 'write its settings as YAML into';
  return `${meant} is not read; ${how} ${repositoryFileName}`;
}
