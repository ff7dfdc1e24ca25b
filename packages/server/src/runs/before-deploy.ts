import { copyTree } from '../artifacts/caches/copy.ts';
import { patiently } from '../engine/patience.ts';
import { artifactByDigest } from '../store/releases.ts';
import { runById } from '../store/runs.ts';
import { makeWritable, removeTree } from '../tree.ts';
import type { Attempt, StageOutcome } from './act.ts';
import { runScript } from './command.ts';
import { settingsOf } from './settings.ts';
import { serviceFolder } from './workspace.ts';

/**
 * Runs what an environment wants before its deployment: tests of its own, and its command. In a copy of what was built, since that is the
 * same for all environments and must stay as it is. Null when all went well; else the stage ends like this and nothing is deployed.
 */
export async function beforeDeploy(attempt: Attempt): Promise<StageOutcome | null> {
  const { act, stage, number, key } = attempt;
  const { before = [], environment } = stage;
  if (before.length === 0 || environment === null) return null;
  const { house, run } = act;
  const place = `${house.workspaces}/${run.id}-before-${environment}-${number}`;
  if ((await patiently(() => house.executor.observe(key))) === null) {
    const { artifactDigest } = await runById(house.db, run.id);
    if (artifactDigest === null) throw new Error(`run #${run.id} has nothing to deploy`);
    const { location } = await artifactByDigest(house.db, artifactDigest);
    await removeTree(place);
    await copyTree(house.bundles.folder(location), place);
    await makeWritable(place);
  }
  const { settings } = await settingsOf(act, environment);
  const commands = before.map((each) => each.command);
  const env = { ...settings.env, TOWPATH_ENVIRONMENT: environment };
  const ended = await runScript(attempt, serviceFolder(place, settings.folder), commands, env);
  // What cannot be removed is no reason to fail.
  await removeTree(place).catch(() => {});
  if (ended.status === 'succeeded') return null;
  return { ...ended, reason: ended.reason === null ? null : `before the deployment: ${ended.reason}` };
}
