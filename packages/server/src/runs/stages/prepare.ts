import { refuseOutside } from '../../artifacts/links.ts';
import { readCommit } from '../../domain/detect/commit.ts';
import { refusals } from '../../domain/path/given.ts';
import { patiently } from '../../engine/patience.ts';
import { failpoint } from '../../failpoints.ts';
import { environmentsOf } from '../../store/environments.ts';
import { setLayers } from '../../store/runs.ts';
import { repositoryOf } from '../../store/services.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { dependencies } from '../dependencies.ts';
import { keptLayers, nothingToStart, settingsOf, startsNothing } from '../settings.ts';
import { serviceFolder } from '../workspace.ts';

/** A fresh workspace with the commit's files; its settings are found; its dependencies are installed. */
export async function prepare(attempt: Attempt): Promise<StageOutcome> {
  const { act } = attempt;
  const { house, run, service } = act;
  const known = await patiently(() => house.executor.observe(attempt.key));
  if (known === null) await house.source.checkout(repositoryOf(service), run.commit, act.workspace);
  await refuseOutside(act.workspace, run.settings.folder);
  const environments = await environmentsOf(house.db, service.projectId);
  const names = environments.map((each) => each.name);
  const files = house.view(act.workspace);
  const { layers, question } = readCommit(files, run.settings.folder, await keptLayers(act), names);
  await act.write((tx) => setLayers(tx, run.id, layers));
  act.layers = layers;
  failpoint('stage.prepared');
  const { settings } = await settingsOf(act);
  const deploys = (await act.stages()).some((each) => each.plan.kind === 'deploy');
  if (deploys && startsNothing(settings)) {
    return outcome('failed', nothingToStart(service.name, question ?? undefined));
  }
  const refused = refusals(environments, layers);
  const told = refused.length === 0 ? null : refused.join('; ');
  if (typeof settings.install !== 'string') return outcome('succeeded', told);
  const folder = serviceFolder(act.workspace, settings.folder);
  const installed = await dependencies(attempt, folder, settings.install, known === null);
  const ended = await runScript(attempt, folder, installed.lines, installed.env);
  if (ended.status !== 'succeeded') return ended;
  await installed.save();
  return { ...ended, reason: told };
}
