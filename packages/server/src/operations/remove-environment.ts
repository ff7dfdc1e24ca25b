import { type DeploymentView, type RemovalPlan, TowpathError } from '@towpath/contract';
import { describeRemoval, isLive, type Removable } from '../domain/release/removal.ts';
import { answerAttempt } from '../store/attempts.ts';
import { runsAsking } from '../store/bound-runs.ts';
import { type Db, transaction } from '../store/connect.ts';
import { environmentOf, findProject, removeWhenEmpty, setEnvironment, takeProject } from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import { lockRunStill, nextSegment, updateStage } from '../store/runs.ts';
import { lockTarget, type Target, targetById, targetsIn } from '../store/targets.ts';
import type { EnvironmentReference } from './environments.ts';
import { operation } from './operation.ts';
import { deploymentView } from './show/deployment.ts';
import { removable, told } from './show/environment.ts';
import { queueTeardown } from './teardown.ts';

/** What the removal of an environment would take away; changes nothing. */
export const planRemoval = operation(
  'read',
  async (house, _actor, input: EnvironmentReference): Promise<RemovalPlan> => {
    const environment = await environmentOf(house.db, await findProject(house.db, input.project), input.environment);
    const targets = await targetsIn(house.db, environment.id);
    const facts = await Promise.all(targets.map((target) => removable(house.db, house, target)));
    return planOf(environment.name, facts);
  },
);

const planOf = (name: string, facts: readonly Removable[]): RemovalPlan => ({
  confirm: name,
  live: facts.some(isLive),
  ...describeRemoval(name, facts),
});

interface Removal extends EnvironmentReference {
  readonly confirm?: string | undefined;
  /** What is live there goes; without it that is a refusal. */
  readonly teardown: boolean;
}

/**
 * From now on nothing is deployed there. With nothing live it is gone at once; else it closes, and is gone when the last teardown has
 * ended. Asked for again while it closes, what a failed teardown left is torn down once more.
 */
export const removeEnvironment = operation(
  'environment.remove',
  async (house, actor, input: Removal): Promise<{ removed: boolean; teardowns: DeploymentView[] }> => {
    const { removed, teardowns } = await transaction(house.db, async (db) => {
      const project = await takeProject(db, input.project);
      const { id, name } = await environmentOf(db, project, input.environment);
      const targets = await taken(db, id);
      const known = [];
      for (const target of targets) known.push({ target, facts: await removable(db, house, target) });
      const facts = known.map((each) => each.facts);
      const live = known.filter((each) => isLive(each.facts)).map((each) => each.target);
      if (live.length > 0 && !input.teardown) {
        const names = live.map((target) => target.service.name).join(', ');
        throw new TowpathError('still_live', `something is live or on its way in ${name}: ${names}`, {
          help: `Tear it down with the environment: \`towpath env remove ${name} --teardown\`.`,
        });
      }
      if (input.confirm !== name) {
        throw new TowpathError('not_confirmed', told(planOf(name, facts)));
      }
      await setEnvironment(db, id, { state: 'closing' });
      const subject = `environment/${id}`;
      await appendEvent(db, { name: 'environment.closed', actor: actor.name, subject, data: { name } });
      const ids = [];
      for (const target of live) ids.push(await queueTeardown(db, target, actor.name, { environment: name }));
      const services = targets.map((target) => target.service.id);
      for (const run of await runsAsking(db, services, name)) await passBy(db, run, name);
      const gone = await removeWhenEmpty(db, id);
      if (gone) await appendEvent(db, { name: 'environment.removed', actor: actor.name, subject, data: { name } });
      return { removed: gone, teardowns: ids };
    });
    return { removed, teardowns: await Promise.all(teardowns.map((each) => deploymentView(house, each))) };
  },
);

/** Locked: whoever asks for a deployment there has done so, or finds the environment closed. */
async function taken(db: Db, environmentId: number): Promise<Target[]> {
  const targets = [];
  for (const { row } of (await targetsIn(db, environmentId)).toSorted((a, b) => a.row.id - b.row.id)) {
    await lockTarget(db, row.id);
    targets.push(await targetById(db, row.id));
  }
  return targets;
}

/** Nobody has to answer for an environment that goes: the run goes on behind the question. */
async function passBy(db: Db, asking: { id: number; index: number; attempt: number }, name: string): Promise<void> {
  const run = await lockRunStill(db, asking.id, 'waiting');
  // Answered, or ended, since it was looked for.
  if (run === null) return;
  const reason = `${name} is being removed`;
  const { index, attempt } = asking;
  await answerAttempt(db, { runId: run.id, index, attempt }, 'skipped', reason);
  await updateStage(db, run.id, index, { status: 'skipped', reason, deadline: null, endedAt: new Date() });
  await nextSegment(db, run, index + 1);
}
