import { type DeploymentView, isCode, TowpathError } from '@towpath/contract';
import { comingRelease } from '../domain/admission/deployments.ts';
import type { Sealer } from '../rollouts/house.ts';
import { entryContext, requestRelease } from '../rollouts/request.ts';
import type { Db } from '../store/connect.ts';
import { transaction } from '../store/connect.ts';
import { openDeployments } from '../store/deployments.ts';
import { appendEvent } from '../store/events.ts';
import {
  type ConfigRow,
  type ReleaseRow,
  readConfig,
  releaseById,
  removeConfig,
  writeConfig,
} from '../store/releases.ts';
import type { Target } from '../store/targets.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { findTarget, type TargetReference, takeTarget } from './target.ts';

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

export interface ConfigChanged {
  readonly config: ConfigView;
  /** Names whose entry is another one now, or is gone. */
  readonly changed: string[];
  readonly deployment: DeploymentView | null;
}

/**
 * Sets and removes entries. What is live gets them as a new release at once, without a build and without an approval; entries that are
 * as they were make none.
 */
export const setConfig = operation(
  'config.write',
  async (house, actor, input: ConfigChange): Promise<ConfigChanged> => {
    const names = [...Object.keys(input.config), ...Object.keys(input.secrets)];
    for (const name of names) checkName(name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new TowpathError('bad_request', `${twice} is given both as config and as a secret`);
    const { targetId, changed, deployment } = await transaction(house.db, async (db) => {
      const target = await takeTarget(db, input);
      const targetId = target.row.id;
      const changed = await write(db, house.secrets, targetId, input, actor.name);
      if (changed.length === 0) return { targetId, changed, deployment: null };
      await appendEvent(db, {
        name: 'config.changed',
        actor: actor.name,
        subject: `target/${targetId}`,
        data: { names: changed },
      });
      const base = await newestRelease(db, target);
      if (base === null) return { targetId, changed, deployment: null };
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
      return { targetId, changed, deployment: requested.deployment.id };
    });
    return {
      config: await view(house.db, targetId),
      changed,
      deployment: deployment === null ? null : await deploymentView(house, deployment),
    };
  },
);

/** Writes what differs from what is there; answers with the names. */
async function write(db: Db, secrets: Sealer, targetId: number, input: ConfigChange, by: string): Promise<string[]> {
  const before = new Map((await readConfig(db, targetId)).map((entry) => [entry.key, entry]));
  const changed: string[] = [];
  const put = async (key: string, isSame: boolean, entry: { value: string } | { sealed: Buffer } | null) => {
    if (isSame) return;
    if (entry === null) await removeConfig(db, targetId, key);
    else await writeConfig(db, targetId, key, entry, by);
    changed.push(key);
  };
  for (const [key, value] of Object.entries(input.config)) {
    if (value === null) await put(key, !before.has(key), null);
    else await put(key, before.get(key)?.value === value, { value });
  }
  for (const [key, value] of Object.entries(input.secrets)) {
    const context = entryContext(targetId, key);
    if (value === null) await put(key, !before.has(key), null);
    else await put(key, opened(secrets, context, before.get(key)) === value, { sealed: secrets.seal(context, value) });
  }
  return changed;
}

/** Null when there is none, and for one that a lost key has closed: setting it again is how it is mended. */
function opened(secrets: Sealer, context: string, entry: ConfigRow | undefined): string | null {
  if (entry === undefined || entry.sealed === null) return null;
  try {
    return secrets.open(context, entry.sealed);
  } catch (error) {
    if (isCode(error, 'secret_unreadable')) return null;
    throw error;
  }
}

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
  const id = comingRelease(await openDeployments(db, target.row.id), target.row.releaseId);
  return id === null ? null : releaseById(db, id);
}
