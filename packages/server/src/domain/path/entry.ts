import type { Admission } from '@towpath/contract';

/** The later, the stricter. */
const strictness: readonly Admission[] = ['auto', 'approve', 'manual'];

/** What the settings of one run say about how an environment is entered. */
export interface Asked {
  /** The environment's own, as the project has it. */
  readonly environment: Admission;
  /** The repository's towpath.yaml: part of what is pushed. */
  readonly file?: Admission | undefined;
  /** The service's settings: given by somebody who may change them. */
  readonly service?: Admission | undefined;
}

export interface Entry {
  readonly admission: Admission;
  /** Why the file does not get what it asks for, in plain words. */
  readonly refused: string | null;
}

/**
 * How a run enters an environment. The service's settings win over the environment's own. The file can only be stricter: a push must not
 * lift the approval that it would wait for.
 */
export function entryOf(name: string, { environment, file, service }: Asked): Entry {
  const own = service ?? environment;
  if (file === undefined || file === own) return { admission: own, refused: null };
  if (strictness.indexOf(file) > strictness.indexOf(own)) return { admission: file, refused: null };
  const who = service === undefined ? 'the environment' : 'the service';
  return {
    admission: own,
    refused: `environments.${name}.deploy: ${file} is less strict than ${own}, which ${who} has; a pushed file can only be stricter`,
  };
}
