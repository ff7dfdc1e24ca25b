import { type ResolvedCommands, withGiven } from '../domain/path/settings.ts';
import { runById } from '../store/runs.ts';
import type { RunAct } from './act.ts';

/** The commands that prepare found in this commit, with what the run's settings give: a rerun may have newer ones. */
export async function commandsOf(act: RunAct): Promise<ResolvedCommands> {
  act.commands ??= (await runById(act.house.db, act.run.id)).commands;
  const { commands } = act;
  if (commands === null) throw new Error(`run #${act.run.id} was not prepared`);
  return withGiven(commands, act.run.settings);
}
