import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { originOf, settingsOf } from '../settings.ts';
import { serviceFolder } from '../workspace.ts';

/** Each check, and how an owner gives the command that detection did not find. */
const checks = {
  quality: { setting: 'quality', option: '--quality' },
  unit: { setting: 'test', option: '--test' },
} as const;

/** A check of the commit in its workspace: passes with exit code 0. A service without the command skips it, and is told how to add one. */
export function check(kind: keyof typeof checks): (attempt: Attempt) => Promise<StageOutcome> {
  const { setting, option } = checks[kind];
  return async (attempt) => {
    const { act, stage } = attempt;
    if (stage.skip !== undefined) return outcome('skipped', stage.skip);
    const resolution = await settingsOf(act);
    const given = resolution.settings[setting];
    if (given === false) return outcome('skipped', `switched off (${originOf(resolution, setting)})`);
    if (given === undefined) {
      return outcome('skipped', `no command found; set one: towpath service set ${act.service.name} ${option} "…"`);
    }
    const commands = typeof given === 'string' ? [given] : Object.values(given);
    return runScript(attempt, serviceFolder(act.workspace, resolution.settings.folder), commands);
  };
}
