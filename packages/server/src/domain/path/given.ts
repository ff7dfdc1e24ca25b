import { type SettingsLayer, TowpathError } from '@towpath/contract';
import { type Entry, entryOf } from './entry.ts';
import { type KeptLayer, keptOf, resolveKept } from './kept.ts';
import type { OwnCommands, PathEnvironment } from './plan.ts';
import { readRepositoryFile } from './repository-file.ts';

/** The file in which a service's repository says what it needs, from the top of the repository. */
export const repositoryFileOf = (folder: string): string =>
  folder === '.' ? 'towpath.yaml' : `${folder}/towpath.yaml`;

/** What is given for the runs of a commit. A file that cannot be read is left out: the plan does without it, and prepare says why. */
export function givenLayers(given: {
  readonly project: { readonly name: string; readonly settings: SettingsLayer };
  readonly service: SettingsLayer;
  readonly file: { readonly name: string; readonly text: string } | null;
}): KeptLayer[] {
  const { project, service, file } = given;
  return [
    { kind: 'project', name: project.name, values: project.settings },
    ...(file === null ? [] : readFile(file)),
    { kind: 'service', values: service },
  ];
}

function readFile({ name, text }: { readonly name: string; readonly text: string }): KeptLayer[] {
  try {
    const { values, lines } = readRepositoryFile(text, { name });
    return [{ kind: 'repository', name, values, lines: Object.fromEntries(lines) }];
  } catch (error) {
    if (error instanceof TowpathError) return [];
    throw error;
  }
}

/** How a run with these layers enters an environment, and the commands that it has there for itself. */
export function entered(environment: PathEnvironment, layers: readonly KeptLayer[]): PathEnvironment {
  const { name } = environment;
  const { settings } = resolveKept(layers, name);
  return {
    name,
    admission: entry(environment, layers).admission,
    approvalMs: settings.approvalMs ?? environment.approvalMs,
    own: { test: ownTest(name, layers), beforeDeploy: settings.beforeDeploy },
  };
}

/** What a pushed file asked for and does not get, in plain words. */
export function refusals(environments: readonly PathEnvironment[], layers: readonly KeptLayer[]): string[] {
  return environments.flatMap((each) => entry(each, layers).refused ?? []);
}

function entry({ name, admission }: PathEnvironment, layers: readonly KeptLayer[]): Entry {
  const says = (kind: KeptLayer['kind']) => keptOf(layers, kind)?.values.environments?.[name]?.deploy;
  return entryOf(name, {
    environment: says('project') ?? admission,
    file: says('repository'),
    service: says('service'),
  });
}

/** Of the environment alone: the tests of all run in a stage of their own. */
function ownTest(name: string, layers: readonly KeptLayer[]): OwnCommands['test'] {
  const strongestFirst = (['service', 'repository', 'project'] as const).map((kind) => keptOf(layers, kind));
  return strongestFirst.map((layer) => layer?.values.environments?.[name]?.test).find((test) => test !== undefined);
}
