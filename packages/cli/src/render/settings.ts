import type { Settings } from '@towpath/contract';
import { duration, faint, type Output } from '../output.ts';

const found = faint('found in each commit');

/** A service's settings under the names of the options that change them. */
export function renderSettings(output: Output, settings: Settings): void {
  const { folder, branch, install, quality, test, build, start, static: files } = settings;
  const time = (ms: number | undefined): string => (ms === undefined ? '' : duration(ms));
  output.fields([
    ['folder', folder ?? '.'],
    ['branch', branch ?? 'main'],
    ['install', install ?? found],
    ['quality', quality ?? found],
    ['test', test ?? found],
    ['build', build ?? found],
    files === undefined ? ['start', start ?? found] : ['static', files],
    ['health', settings.healthPath ?? '/'],
    ['start-timeout', time(settings.startMs)],
    ['stage-timeout', time(settings.stageMs)],
    ['drain', time(settings.drainMs)],
  ]);
}
