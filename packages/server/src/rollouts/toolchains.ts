import { requireToolchains } from '../executors/toolchains.ts';
import type { ReleaseRow } from '../store/releases.ts';
import type { RolloutHouse } from './house.ts';

/** Throws `toolchain_missing` when something that the release was made to run with was removed since. */
export function requireThoseOf(
  { toolchains }: Pick<RolloutHouse, 'toolchains'>,
  { version, config }: Pick<ReleaseRow, 'version' | 'config'>,
): Promise<void> {
  const otherwise = 'make a new release: push, or towpath deploy';
  return requireToolchains(toolchains, config.toolchains, `v${version}`, otherwise);
}
