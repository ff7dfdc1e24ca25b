import type { SettingsLayer, SettingsPatch } from '@towpath/contract';
import type { Command } from 'commander';
import { misused, wholeNumber } from './verb.ts';

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
  /** Each `node=22`. */
  readonly runtime?: readonly string[];
}

/** The options that give a service's settings, the same for every verb that takes them. */
export function addSettings(command: Command): void {
  command.option('--branch <name>', 'the main branch: environments without a branch of their own follow it');
  addSharedSettings(command);
}

/** Those that a project's services can have in common. */
export function addSharedSettings(command: Command): void {
  command
    .option('--install <command>', 'installs dependencies')
    .option('--quality <command>', 'lints, formats, checks types')
    .option('--test <command>', 'the unit tests')
    .option('--build <command>', 'builds')
    .option('--start <command>', 'starts the service; it must listen on $PORT')
    .option('--static <folder>', 'a folder with files to serve, instead of a start command')
    .option('--health <path>', 'what is asked to tell whether a replica is healthy')
    .option('--start-timeout <seconds>', 'how long a new replica may take until it is healthy')
    .option('--stage-timeout <seconds>', 'how long a stage may take')
    .option('--drain <seconds>', 'how long a replica may go on with its requests when it is replaced')
    .option(
      '--runtime <name=version>',
      'the toolchain that commands run with, as node=22 or "python=>=3.11"; may be given several times',
      (one: string, before: readonly string[] = []) => [...before, one],
    );
}

export function settingsFrom(options: SettingsOptions): SettingsLayer {
  const { branch, install, quality, test, build, start, static: folder } = options;
  const { health, startTimeout, stageTimeout, drain } = options;
  const times = {
    startTimeout: seconds(startTimeout, '--start-timeout'),
    stage: seconds(stageTimeout, '--stage-timeout'),
    drain: seconds(drain, '--drain'),
  };
  return {
    ...group('runtime', Object.fromEntries((options.runtime ?? []).map(version))),
    ...given({ branch, install, quality, test, build, start, static: folder }),
    ...group('health', given({ path: health, startTimeout: times.startTimeout })),
    ...group('timeouts', given({ stage: times.stage, drain: times.drain })),
  };
}

/** As a change: an empty text takes the value back to detection or default. */
export function patchFrom(options: SettingsOptions): SettingsPatch {
  const { health, timeouts, runtime, ...rest } = settingsFrom(options);
  return {
    ...emptied(rest),
    ...group('health', emptied({ ...health })),
    ...group('timeouts', emptied({ ...timeouts })),
    ...group('runtime', emptied({ ...runtime })),
  };
}

const given = <T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

const emptied = (values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === '' ? null : value]));

/** A map of settings, where anything of it is given. */
const group = (name: string, values: object): object => (Object.keys(values).length === 0 ? {} : { [name]: values });

function version(text: string): [string, string] {
  const [name = '', ...rest] = text.split('=');
  if (rest.length === 0) throw misused(`"${text}" names no version`, 'Give both: --runtime node=22');
  return [name, rest.join('=')];
}

const seconds = (number: string | undefined, option: string): string | undefined =>
  number === undefined ? undefined : `${wholeNumber(number, option)}s`;
