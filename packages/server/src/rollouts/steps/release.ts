import { lastWords } from '../../domain/rollout/last-words.ts';
import { createMask } from '../../secrets/mask.ts';
import { deploymentLogKey } from '../../store/deployments.ts';
import type { Act } from '../act.ts';
import { partsOf } from '../act.ts';
import { commandEnd } from '../command.ts';
import { releaseEnvironment, releaseFolder } from '../desired.ts';
import { interruption } from '../interruption.ts';
import { failed, type Outcome, proceed } from '../outcome.ts';
import { tailOf } from '../tail.ts';

/** The key of a deployment's release command: once for each deployment, whichever execution of it comes by. */
export const releaseCommandKey = (deployment: number): string => `deployment/${deployment}:release`;

/**
 * Runs the new release's own command, in its folder and with all that its processes are given, before any of them starts. When it fails
 * nothing of the release goes live.
 */
export async function release(act: Act, index: number): Promise<Outcome> {
  const { config } = act.release;
  if (config.release === null) return proceed;
  const parts = await partsOf(act.house, act.target, act.release);
  const key = releaseCommandKey(act.deployment.id);
  await act.note(index, 'release', { command: config.release });
  const command = {
    argv: ['sh', '-c', config.release] as const,
    cwd: releaseFolder(parts),
    env: releaseEnvironment(parts),
    timeoutMs: config.commandMs,
  };
  const log = { key: deploymentLogKey(act.deployment), mask: createMask(Object.values(parts.secrets)) };
  const { state, wish: interrupted } = await commandEnd(act.house, { key, command, claim: act.claim, log }, [
    'deployment',
    act.deployment.id,
    () => interruption(act),
  ]);
  await act.note(index, 'release ended', { code: state.exitCode });
  if (state.exitCode === 0) return proceed;
  if (interrupted !== null) return interrupted;
  const how =
    state.status === 'cancelled' ? 'was ended from outside' : (state.reason ?? `exited with code ${state.exitCode}`);
  const said = lastWords(await tailOf(act, act.house.executor.logs(key, 0)));
  return failed(`the release command ${how}${said === null ? '' : `: ${said}`}`);
}
