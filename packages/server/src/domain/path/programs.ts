import type { Toolchain } from '../runtime/toolchain.ts';

/** The programs that commands find before those of the PATH. */
export interface Programs {
  /** Folders of programs that the dependencies bring, relative to the service's folder. */
  readonly path: readonly string[];
  /** Those that are chosen in place of what the PATH has. */
  readonly toolchains: readonly Toolchain[];
}

/**
 * The PATH with what goes in front of it, so that it can be called by its name: `pytest` of a virtual environment, then the `node` of a
 * chosen toolchain; and the variables that a toolchain's own tools look at. Nothing when there is nothing of it.
 */
export function programsEnv(folder: string, { path, toolchains }: Programs, base = ''): Record<string, string> {
  const folders = [...path.map((each) => `${folder}/${each}`), ...toolchains.map(({ bin }) => bin)];
  const env = Object.assign({}, ...toolchains.map((each) => each.env));
  // An empty part of a PATH would be the folder that a command runs in.
  return folders.length === 0 ? env : { ...env, PATH: [...folders, ...(base === '' ? [] : [base])].join(':') };
}
