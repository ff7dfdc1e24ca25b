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
import { keptLayers, nothingToStart, programsOf, settingsOf, startsNothing } from '../settings.ts';
import { keepToolchains, withToolchains } from '../toolchains.ts';
import { serviceFolder } from '../workspace.ts';

/** Told by a variable: one attempt has one script, whatever was found at each try. */
const tell = `if [ -n "\${TOWPATH_TOOLCHAINS-}" ]; then printf '%s\\n' "$TOWPATH_TOOLCHAINS"; fi
unset TOWPATH_TOOLCHAINS`;

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
  const read = readCommit(files, run.settings.folder, await keptLayers(act), names);
  const { question } = read;
  const { layers, lines } =
    known === null
      ? await withToolchains(house.toolchains, read.layers, service.name)
      : { layers: keepToolchains(read.layers, (await programsOf(act)).toolchains), lines: [] };
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
  const install = settings.install || null;
  if (install === null && lines.length === 0 && known === null) return outcome('succeeded', told);
  const folder = serviceFolder(act.workspace, settings.folder);
  const installed = await dependencies(attempt, folder, install, known === null);
  const env = lines.length === 0 ? installed.env : { ...installed.env, TOWPATH_TOOLCHAINS: lines.join('\n') };
  const ended = await runScript(attempt, folder, [{ script: tell }, ...installed.lines], env);
  if (ended.status !== 'succeeded') return ended;
  await installed.save();
  return { ...ended, reason: told };
}
