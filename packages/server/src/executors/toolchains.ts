import { TowpathError } from '@towpath/contract';
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
  /** Makes it usable as it was found: the folder of one that has none of its own. */
  ready(found: FoundToolchain): Promise<Toolchain>;
  /** Is it still there? */
  isThere(toolchain: Toolchain): Promise<boolean>;
}

/**
 * Throws `toolchain_missing` when one that was chosen before was removed since: without it commands would find whatever the PATH has.
 * @param whose `v3`, `run #7` @param otherwise what else helps than to install it again
 */
export async function requireToolchains(
  machine: Pick<Toolchains, 'isThere'>,
  toolchains: readonly Toolchain[],
  whose: string,
  otherwise: string,
): Promise<void> {
  for (const each of toolchains) {
    if (await machine.isThere(each)) continue;
    const what = `${each.name} ${each.version}`.trim();
    const help = `Install ${what} again where it was (${each.place}), or ${otherwise}.`;
    throw new TowpathError('toolchain_missing', `${whose} runs with ${what}, and ${each.program} is gone`, { help });
  }
}
