import { patiently } from '../../engine/patience.ts';
import { failpoint } from '../../failpoints.ts';
import { setCommands } from '../../store/runs.ts';
import { repositoryOf } from '../../store/services.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { dependencies } from '../dependencies.ts';
import { serviceFolder } from '../workspace.ts';

/** A fresh workspace with the commit's files; its commands are found; its dependencies are installed. */
export async function prepare(attempt: Attempt): Promise<StageOutcome> {
  const { act } = attempt;
  const { house, run, service } = act;
  const known = await patiently(() => house.executor.observe(attempt.key));
  const folder = serviceFolder(act.workspace, run.settings.folder);
  if (known === null) await house.source.checkout(repositoryOf(service), run.commit, act.workspace);
  const commands = house.detect(house.view(folder), run.settings);
  await act.write((tx) => setCommands(tx, run.id, commands));
  act.commands = commands;
  failpoint('stage.prepared');
  const deploys = (await act.stages()).some((each) => each.plan.kind === 'deploy');
  if (deploys && commands.start === null) {
    const set = `towpath service set ${service.name}`;
    return outcome('failed', `nothing to start was found; tell how: ${set} --start "…", or ${set} --static <folder>`);
  }
  if (commands.install === null) return outcome('succeeded');
  const installed = await dependencies(attempt, folder, commands.install, known === null);
  const ended = await runScript(attempt, folder, installed.lines, installed.env);
  if (ended.status === 'succeeded') await installed.save();
  return ended;
}
