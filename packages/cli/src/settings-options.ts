import type { Settings, SettingsPatch } from '@towpath/contract';
import type { Command } from 'commander';
import { wholeNumber } from './verb.ts';

export interface SettingsOptions {
  readonly branch?: string;
  readonly install?: string;
  readonly quality?: string;
  readonly test?: string;
  readonly build?: string;
  readonly start?: string;
  readonly static?: string;
  readonly health?: string;
  readonly startTimeout?: string;
  readonly stageTimeout?: string;
  readonly drain?: string;
}

/** The options that give a service's settings, the same for every verb that takes them. */
export function addSettings(command: Command): void {
  command
    .option('--branch <name>', 'the main branch: environments without a branch of their own follow it')
    .option('--install <command>', 'installs dependencies')
    .option('--quality <command>', 'lints, formats, checks types')
    .option('--test <command>', 'the unit tests')
    .option('--build <command>', 'builds')
    .option('--start <command>', 'starts the service; it must listen on $PORT')
    .option('--static <folder>', 'a folder with files to serve, instead of a start command')
    .option('--health <path>', 'what is asked to tell whether a replica is healthy')
    .option('--start-timeout <seconds>', 'how long a new replica may take until it is healthy')
    .option('--stage-timeout <seconds>', 'how long a stage may take')
    .option('--drain <seconds>', 'how long a replica may go on with its requests when it is replaced');
}

export function settingsFrom(options: SettingsOptions): Settings {
  const { health, startTimeout, stageTimeout, drain } = options;
  const { branch, install, quality, test, build, start, static: folder } = options;
  const texts = { branch, install, quality, test, build, start, static: folder, healthPath: health };
  const times = {
    startMs: milliseconds(startTimeout, '--start-timeout'),
    stageMs: milliseconds(stageTimeout, '--stage-timeout'),
    drainMs: milliseconds(drain, '--drain'),
  };
  return Object.fromEntries(Object.entries({ ...texts, ...times }).filter(([, value]) => value !== undefined));
}

/** As a change: an empty text takes the value back to detection or default. */
export function patchFrom(options: SettingsOptions): SettingsPatch {
  return Object.fromEntries(
    Object.entries(settingsFrom(options)).map(([key, value]) => [key, value === '' ? null : value]),
  );
}

const milliseconds = (seconds: string | undefined, option: string): number | undefined =>
  seconds === undefined ? undefined : wholeNumber(seconds, option) * 1_000;
