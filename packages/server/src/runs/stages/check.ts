import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { commandsOf } from '../commands.ts';
import { serviceFolder } from '../workspace.ts';

/** How an owner gives the command that detection did not find. */
const options = { quality: '--quality', unit: '--test' } as const;

/** A check of the commit in its workspace: passes with exit code 0. A service without the command skips it, and is told how to add one. */
export function check(kind: 'quality' | 'unit'): (attempt: Attempt) => Promise<StageOutcome> {
  return async (attempt) => {
    const { act } = attempt;
    const found = (await commandsOf(act))[kind];
    if (found === null) {
      return outcome(
        'skipped',
        `no command found; set one: towpath service set ${act.service.name} ${options[kind]} "…"`,
      );
    }
    return runScript(attempt, serviceFolder(act.workspace, act.run.settings.folder), [found.command]);
  };
}
