import { TowpathError } from '@towpath/contract';
import type { ReleaseRow } from '../store/releases.ts';
import type { RolloutHouse } from './house.ts';

/**
 * Throws `toolchain_missing` when something that the release was made to run with was removed since: without it its commands would find
 * whatever the PATH has.
 */
export async function requireToolchains(
  { toolchains }: Pick<RolloutHouse, 'toolchains'>,
  { version, config }: Pick<ReleaseRow, 'version' | 'config'>,
): Promise<void> {
  for (const each of config.toolchains) {
    if (await toolchains.isThere(each)) continue;
    const what = `${each.name} ${each.version}`.trim();
    const help = `Install ${what} again where it was (${each.place}), or make a new release: push, or towpath deploy.`;
    throw new TowpathError('toolchain_missing', `v${version} runs with ${what}, and ${each.program} is gone`, { help });
  }
}
