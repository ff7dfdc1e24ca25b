import { access } from 'node:fs/promises';
import { ended, type RunSummary, TowpathError } from '@towpath/contract';
import { beforeLayers } from '../domain/path/before-layers.ts';
import { type KeptLayer, keptOf, resolveKept, withLayer } from '../domain/path/kept.ts';
import { stageName } from '../domain/path/plan.ts';
import { findsTheSame, rerunFrom } from '../domain/path/rerun.ts';
import { workspaceFolder } from '../runs/workspace.ts';
import type { Db } from '../store/connect.ts';
import { transaction } from '../store/connect.ts';
import { appendEvent } from '../store/events.ts';
import { lockRun, nextSegment, type RunRow, resetStages, stagesOf } from '../store/runs.ts';
import { projectSettings, serviceById } from '../store/services.ts';
import { operation } from './operation.ts';
import { runSummary } from './show/run.ts';

/** Does an ended run again from a stage on, as new attempts; earlier attempts keep their logs. */
export const rerun = operation(
  'rerun',
  async (house, actor, input: { run: number; from?: string | undefined }): Promise<RunSummary> => {
    const after = await transaction(house.db, async (db) => {
      const run = await lockRun(db, input.run);
      if (!ended.has(run.status)) throw new TowpathError('not_ended', `run #${run.id} is ${run.status}`);
      const stages = await stagesOf(db, run.id);
      const workspaces = `${house.config.dataDir}/workspaces`;
      const workspace = await exists(workspaceFolder(workspaces, run.id, stages[0]?.attempt ?? 1));
      const plan = stages.map((each) => ({ ...each.plan, status: each.status }));
      // Whoever mended the settings reruns for that.
      const layers = await layersNow(db, run);
      const { settings } = resolveKept(layers);
      const index = rerunFrom(plan, input.from, {
        workspace,
        artifact: run.artifactDigest !== null,
        commands: keptOf(layers, 'detected') !== undefined && findsTheSame(run.settings, settings),
      });
      if (index === null) {
        const names = stages.map((each) => stageName(each.plan, '/')).join(', ');
        throw new TowpathError('bad_request', `run #${run.id} has no stage "${input.from}"; it has ${names}`);
      }
      await resetStages(db, run.id, index);
      await appendEvent(db, {
        name: 'run.rerun',
        actor: actor.name,
        subject: `run/${run.id}`,
        data: { from: plan[index] === undefined ? null : stageName(plan[index], '/') },
      });
      const rebuilds = index <= plan.findIndex((each) => each.kind === 'build');
      return nextSegment(db, run, index, {
        settings,
        layers,
        cancelledBy: null,
        supersededBy: null,
        ...(rebuilds ? { artifactDigest: null } : {}),
      });
    });
    return runSummary(after, await serviceById(house.db, after.serviceId));
  },
);

/** What the run keeps of its commit, under what project and service say now. */
async function layersNow(db: Db, run: RunRow): Promise<KeptLayer[]> {
  const service = await serviceById(db, run.serviceId);
  const values = await projectSettings(db, service.projectId);
  const kept = run.layers ?? beforeLayers(run.settings, run.commands);
  const project = withLayer(kept, { kind: 'project', name: service.project, values });
  return withLayer(project, { kind: 'service', values: service.settings });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
