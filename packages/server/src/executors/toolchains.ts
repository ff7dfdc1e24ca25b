import type { FoundToolchain, Toolchain } from '../domain/runtime/toolchain.ts';

/**
 * The toolchains of the machine where a stage's commands run. A written contract:
 *
 * - Looking changes nothing, and nothing of a repository decides where it looks.
 * - What is found may be some seconds old. What cannot be read or does not answer in time is not there.
 * - Any number of calls may be made at once.
 */
export interface Toolchains {
  /** Does the PATH lead to a tool of this name, of whatever version? @param before absolute folders in front of the PATH */
  has(name: string, before?: readonly string[]): Promise<boolean>;
  /** Those of this name: what the PATH leads to, and what version managers keep. None of a tool whose versions nobody tells apart. */
  find(name: string, before?: readonly string[]): Promise<readonly FoundToolchain[]>;
  /** Can it be used as it was found? Makes the folder of one that has none of its own. */
  ready(found: FoundToolchain): Promise<Toolchain>;
  /** Is it still there? */
  isThere(toolchain: Toolchain): Promise<boolean>;
}
