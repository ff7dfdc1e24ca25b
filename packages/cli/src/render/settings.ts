import { type SettingsLayer, settingDefaults } from '@towpath/contract';
import { faint, type Output } from '../output.ts';

const found = faint('found in each commit');

/** What a service's owner gave, under the names of the options that change it, and what holds without. */
export function renderSettings(output: Output, settings: SettingsLayer): void {
  const { folder, branch, static: files, health, timeouts } = settings;
  output.fields([
    ['folder', folder ?? settingDefaults.folder],
    ['branch', branch ?? settingDefaults.branch],
    ['install', command(settings.install)],
    ['quality', command(settings.quality)],
    ['test', command(settings.test)],
    ['build', command(settings.build)],
    files === undefined ? ['start', command(settings.start)] : ['static', files],
    ['health', health?.path ?? settingDefaults.health.path],
    ['start-timeout', health?.startTimeout ?? settingDefaults.health.startTimeout],
    ['stage-timeout', timeouts?.stage ?? settingDefaults.timeouts.stage],
    ['drain', timeouts?.drain ?? settingDefaults.timeouts.drain],
  ]);
}

function command(value: SettingsLayer['quality']): string {
  if (value === undefined) return found;
  if (typeof value !== 'object') return value || 'off';
  return Object.entries(value)
    .map(([name, each]) => `${name}: ${each || 'off'}`)
    .join(' · ');
}

/** Everything that a layer says, by path; a line in place of nothing. */
export function renderGiven(output: Output, settings: SettingsLayer): void {
  const rows = leavesOf(settings, '');
  output.fields(rows.length === 0 ? [['settings', faint('none: each service finds its own')]] : rows);
}

function leavesOf(value: unknown, path: string): (readonly [path: string, value: string])[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return [[path, value.join(', ')]];
  if (typeof value !== 'object' || value === null)
    return [[path, value === false ? 'off' : String(value ?? 'removed')]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, path === '' ? key : `${path}.${key}`));
}
