import type { Guard, Restored } from '../artifacts/caches/caches.ts';
import type { CachePlan } from '../artifacts/caches/plan.ts';
import { isCacheable } from '../domain/cache/recipe.ts';
import { programsEnv } from '../domain/path/programs.ts';
import type { Attempt, RunAct } from './act.ts';
import { type ScriptLine, shown } from './command.ts';
import { scopesOf } from './scopes.ts';
import { programsOf, settingsOf } from './settings.ts';

export interface Dependencies {
  readonly lines: readonly ScriptLine[];
  /** What the lines are told of the cache. */
  readonly env: Readonly<Record<string, string>>;
  /** Keeps what the install command made. Only prepare does: after a build there may be more in the folder than was installed. */
  save(): Promise<void>;
}

/** Whether the install command has its turn is told by variables: one attempt has one script, whatever the cache held at each try. */
const script = (command: string): string => `if [ -n "\${TOWPATH_RESTORED-}" ]; then
printf '%s\\n' "$TOWPATH_RESTORED"
else
${shown(command)}
if [ -n "\${TOWPATH_CACHE-}" ]; then printf '%s\\n' "$TOWPATH_CACHE"; fi
fi`;

const save = async (): Promise<void> => {};

/**
 * Puts kept dependencies into a fresh checkout, of which `top` is the path. `fresh` is false when the stage's command was submitted before: it may be at work, so
 * nothing is touched.
 */
export async function dependencies(
  { act }: Attempt,
  top: string,
  install: string | null,
  fresh: boolean,
): Promise<Dependencies> {
  if (install === null) return { lines: [], env: {}, save };
  if (!isCacheable(install)) return { lines: [install], env: {}, save };
  const lines = [{ script: script(install) }];
  const { caches } = act.house;
  const { settings } = await settingsOf(act);
  const own = { ...(await toolchainsEnv(act)), ...settings.env };
  const plan = fresh ? await caches.plan({ top, folder: settings.folder, command: install, own }) : null;
  if (plan === null) return { lines, env: {}, save };
  if ('refused' in plan) return { lines, env: { TOWPATH_CACHE: `dependencies are not cached: ${plan.refused}` }, save };
  const scopes = await scopesOf(act);
  const guard: Guard = (step) => act.write(step);
  const restored = await caches.restore(plan, scopes, guard);
  if (restored !== null) return { lines, env: { TOWPATH_RESTORED: restoredLine(plan, restored, install) }, save };
  return {
    lines,
    env: { TOWPATH_CACHE: `no dependencies of this ${plan.lockfile} were in the cache` },
    save: async () => {
      await caches.save(plan, scopes, guard);
    },
  };
}

/** Without programs that the folder itself brings: they are not there yet, or were committed. */
async function toolchainsEnv(act: RunAct): Promise<Record<string, string>> {
  const { toolchains } = await programsOf(act);
  return programsEnv('', { path: [], toolchains }, act.house.baseEnv.PATH);
}

function restoredLine({ lockfile }: CachePlan, { tookMs, installMs }: Restored, install: string): string {
  const before = installMs === null ? '' : ` (${install}: ${seconds(installMs)})`;
  return `dependencies restored from the cache of ${lockfile} in ${seconds(tookMs)}${before}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
