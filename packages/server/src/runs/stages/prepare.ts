import { TowpathError } from '@towpath/contract';
import { refusals, repositoryFileOf } from '../../domain/path/given.ts';
import { type KeptLayer, layersOf, withLayer } from '../../domain/path/kept.ts';
import { defaultLayer, resolve } from '../../domain/path/layers.ts';
import { fileNameHint, readRepositoryFile } from '../../domain/path/repository-file.ts';
import { unsupported } from '../../domain/path/unsupported.ts';
import { patiently } from '../../engine/patience.ts';
import { failpoint } from '../../failpoints.ts';
import { environmentsOf } from '../../store/environments.ts';
import { setLayers } from '../../store/runs.ts';
import { repositoryOf } from '../../store/services.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { dependencies } from '../dependencies.ts';
import { keptLayers, nothingToStart, runsWorkers, settingsOf } from '../settings.ts';
import { serviceFolder } from '../workspace.ts';

/** A fresh workspace with the commit's files; its settings are found; its dependencies are installed. */
export async function prepare(attempt: Attempt): Promise<StageOutcome> {
  const { act } = attempt;
  const { house, run, service } = act;
  const known = await patiently(() => house.executor.observe(attempt.key));
  if (known === null) await house.source.checkout(repositoryOf(service), run.commit, act.workspace);
  const found = house.detect(house.view(act.workspace), run.settings.folder);
  const layers = withLayer(await withFile(attempt), found.layer);
  const resolved = resolve([defaultLayer, ...layersOf(layers)]);
  const problems = [...resolved.problems, ...unsupported(resolved.settings)];
  if (problems.length > 0) throw new TowpathError('unreadable_settings', problems.join('; '));
  await act.write((tx) => setLayers(tx, run.id, layers));
  act.layers = layers;
  failpoint('stage.prepared');
  const { settings } = await settingsOf(act);
  const deploys = (await act.stages()).some((each) => each.plan.kind === 'deploy');
  if (deploys && settings.start === undefined && settings.static === undefined && !runsWorkers(settings)) {
    return outcome('failed', nothingToStart(service.name, found.question ?? undefined));
  }
  const refused = refusals(await environmentsOf(house.db, service.projectId), layers);
  const told = refused.length === 0 ? null : refused.join('; ');
  if (typeof settings.install !== 'string') return outcome('succeeded', told);
  const folder = serviceFolder(act.workspace, settings.folder);
  const installed = await dependencies(attempt, folder, settings.install, known === null);
  const ended = await runScript(attempt, folder, installed.lines, installed.env);
  if (ended.status !== 'succeeded') return ended;
  await installed.save();
  return { ...ended, reason: told };
}

/** With the repository's own file, as it lies in the workspace. Throws `unreadable_settings` with every mistake in it. */
async function withFile({ act }: Attempt): Promise<KeptLayer[]> {
  const { house, run, service } = act;
  const kept = (await keptLayers(act)).filter((each) => each.kind !== 'repository');
  const { folder } = run.settings;
  const name = repositoryFileOf(folder);
  const files = house.view(act.workspace);
  const text = files.read(name);
  if (text === null) {
    const hint = fileNameHint(files.list(folder));
    if (hint !== null) throw new TowpathError('unreadable_settings', hint);
    return kept;
  }
  const environments = (await environmentsOf(house.db, service.projectId)).map((each) => each.name);
  const { values, lines } = readRepositoryFile(text, { name, environments });
  return withLayer(kept, { kind: 'repository', name, values, lines: Object.fromEntries(lines) });
}
