import { type DeploymentView, TowpathError } from '@towpath/contract';
import { entryContext, requestRelease } from '../rollouts/request.ts';
import type { Db } from '../store/connect.ts';
import { transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import { type ReleaseRow, readConfig, releaseById, removeConfig, writeConfig } from '../store/releases.ts';
import { lockTarget, type Target } from '../store/targets.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { findTarget, type TargetReference } from './target.ts';

export interface ConfigView {
  readonly config: Record<string, string>;
  readonly secrets: string[];
}

export interface ConfigChange extends TargetReference {
  /** null removes. */
  readonly config: Readonly<Record<string, string | null>>;
  readonly secrets: Readonly<Record<string, string | null>>;
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What the platform sets itself. */
const reserved = new Set(['PORT']);

/** Values of config, names of secrets. */
export const getConfig = operation(
  'config.read',
  async (house, _actor, input: TargetReference): Promise<ConfigView> => {
    const target = await findTarget(house.db, input);
    return view(house.db, target.row.id);
  },
);

/** Sets and removes entries. What is live gets them as a new release at once, without a build and without an approval. */
export const setConfig = operation(
  'config.write',
  async (house, actor, input: ConfigChange): Promise<{ config: ConfigView; deployment: DeploymentView | null }> => {
    const names = [...Object.keys(input.config), ...Object.keys(input.secrets)];
    for (const name of names) checkName(name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new TowpathError('bad_request', `${twice} is given both as config and as a secret`);
    const deployment = await transaction(house.db, async (db) => {
      const target = await findTarget(db, input);
      const targetId = target.row.id;
      await lockTarget(db, targetId);
      for (const [key, value] of Object.entries(input.config)) {
        if (value === null) await removeConfig(db, targetId, key);
        else await writeConfig(db, targetId, key, { value }, actor.name);
      }
      for (const [key, value] of Object.entries(input.secrets)) {
        if (value === null) await removeConfig(db, targetId, key);
        else
          await writeConfig(
            db,
            targetId,
            key,
            { sealed: house.secrets.seal(entryContext(targetId, key), value) },
            actor.name,
          );
      }
      await appendEvent(db, {
        name: 'config.changed',
        actor: actor.name,
        subject: `target/${targetId}`,
        data: { names },
      });
      const base = await newestRelease(db, target);
      if (base === null || names.length === 0) return null;
      const { variables: _, ...config } = base.config;
      const requested = await requestRelease(db, house.secrets, {
        target,
        artifactDigest: base.artifactDigest,
        commit: base.commit,
        cause: 'config',
        runId: null,
        requestedBy: actor.name,
        config,
      });
      return requested.deployment.id;
    });
    const target = await findTarget(house.db, input);
    return {
      config: await view(house.db, target.row.id),
      deployment: deployment === null ? null : await deploymentView(house, deployment),
    };
  },
);

function checkName(name: string): void {
  if (!variableName.test(name)) {
    throw new TowpathError(
      'bad_request',
      `"${name}" is not a name for an environment variable: use letters, digits and underscores`,
    );
  }
  if (reserved.has(name) || name.startsWith('TOWPATH_'))
    throw new TowpathError('bad_request', `${name} is set by Towpath`);
}

async function view(db: Db, targetId: number): Promise<ConfigView> {
  const entries = await readConfig(db, targetId);
  const plain = entries.flatMap((entry) => (entry.value === null ? [] : [[entry.key, entry.value] as const]));
  return {
    config: Object.fromEntries(plain),
    secrets: entries.filter((entry) => entry.sealed !== null).map((entry) => entry.key),
  };
}

/** What will be live when all that is under way has gone well: a change of config builds on it. */
async function newestRelease(db: Db, target: Target): Promise<ReleaseRow | null> {
  const open = (await openDeployments(db, target.row.id)).at(-1);
  const id = open?.releaseId ?? target.row.releaseId;
  return id === null ? null : releaseById(db, id);
}
