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
import { downloadsOf } from '../downloads.ts';
import { keptLayers, nothingToStart, programsOf, settingsOf, startsNothing } from '../settings.ts';
import { keepToolchains, withToolchains } from '../toolchains.ts';
import { serviceFolder } from '../workspace.ts';

/** Told by a variable: one attempt has one script, whatever was found at each try. */
const tell = `if [ -n "\${TOWPATH_TOOLCHAINS-}" ]; then printf '%s\\n' "$TOWPATH_TOOLCHAINS"; fi
unset TOWPATH_TOOLCHAINS`;

/** A fresh workspace with the commit's files; its settings are found; its dependencies are installed. */
export async function prepare(attempt: Attempt): Promise<StageOutcome> {
  const { act } = attempt;
  const begun = (await patiently(() => act.house.executor.observe(attempt.key))) !== null;
  const { question, toolchains, told } = await look(attempt, begun);
  failpoint('stage.prepared');
  const { settings } = await settingsOf(act);
  const deploys = act.plan.some(({ kind }) => kind === 'deploy');
  if (deploys && startsNothing(settings)) {
    return outcome('failed', nothingToStart(act.service.name, question ?? undefined));
  }
  const install = settings.install || null;
  if (install === null && toolchains.length === 0 && !begun) return outcome('succeeded', told);
  const folder = serviceFolder(act.workspace, settings.folder);
  const installed = await dependencies(attempt, act.workspace, install, !begun);
  const env = toolchains.length === 0 ? {} : { TOWPATH_TOOLCHAINS: toolchains.join('\n') };
  const ended = await runScript(attempt, folder, [{ script: tell }, ...installed.lines], { ...installed.env, ...env });
  if (ended.status !== 'succeeded') return ended;
  await installed.save();
  return { ...ended, reason: told };
}

interface Look {
  /** What its owner has to answer when nothing was found to start. */
  readonly question: string | null;
  /** A line for each toolchain that was chosen. */
  readonly toolchains: readonly string[];
  /** Settings of the commit that don't hold, in plain words. */
  readonly told: string | null;
}

/** Lays the commit out and writes down what is found in it. Once its command has begun, the files and toolchains stay as they are. */
async function look({ act }: Attempt, begun: boolean): Promise<Look> {
  const { house, run, service } = act;
  if (!begun) await house.source.checkout(repositoryOf(service), run.commit, act.workspace);
  await refuseOutside(act.workspace, run.settings.folder);
  const environments = await environmentsOf(house.db, service.projectId);
  const names = environments.map((each) => each.name);
  const read = readCommit(house.view(act.workspace), run.settings.folder, await keptLayers(act), names);
  const { layers, lines } = begun
    ? { layers: keepToolchains(read.layers, (await programsOf(act)).toolchains), lines: [] }
    : await withToolchains(house.toolchains, read.layers, service.name);
  await setLayers(house.db, act.claim, run.id, layers);
  act.layers = layers;
  // Its folders are found while the record is written: the first command need not wait for them, and asks again should it fail.
  downloadsOf(act).catch(() => {});
  const refused = refusals(environments, layers);
  return { question: read.question, toolchains: lines, told: refused.length === 0 ? null : refused.join('; ') };
}
