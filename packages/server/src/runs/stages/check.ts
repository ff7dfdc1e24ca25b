import { type CheckKind, checkCommands } from '../../domain/path/outline.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { settingsOf } from '../settings.ts';
import { serviceFolder } from '../workspace.ts';

/** A check of the commit in its workspace: passes with exit code 0. A service without the command skips it, and is told how to add one. */
export function check(kind: CheckKind): (attempt: Attempt) => Promise<StageOutcome> {
  return async (attempt) => {
    const { act, stage } = attempt;
    if (stage.skip !== undefined) return outcome('skipped', stage.skip);
    const resolution = await settingsOf(act);
    const does = checkCommands(kind, resolution, act.service.name);
    if ('skip' in does) return outcome('skipped', does.skip);
    return runScript(attempt, serviceFolder(act.workspace, resolution.settings.folder), does.commands);
  };
}
