import type { Start } from '../path/settings.ts';
import { type FileView, glance } from './files.ts';
import type { Found, Notice, ServiceProcess } from './found.ts';

export interface Procfile {
  readonly start: Start | null;
  readonly release: Found | null;
  readonly processes: readonly ServiceProcess[];
  readonly notices: readonly Notice[];
}

const maxProcesses = 50;

/**
 * The process types of a Procfile, a `name: command` a line (https://devcenter.heroku.com/articles/procfile): `web` takes requests,
 * `release` runs before a release goes live, all others are workers. Of a name that comes twice the first counts.
 */
export function readProcfile(files: FileView): Procfile {
  const types = new Map<string, string>();
  for (const line of (glance(files, 'Procfile') ?? '').split('\n')) {
    const [, name, command] = /^([A-Za-z0-9_-]{1,63}):[ \t]*(\S[^\n]*)$/.exec(line.trimEnd()) ?? [];
    if (name !== undefined && command !== undefined && !types.has(name)) types.set(name, command);
  }
  const web = types.get('web');
  const release = types.get('release');
  const workers = [...types].filter(([name]) => name !== 'web' && name !== 'release');
  const of = (name: string) => `Procfile, line "${name}"`;
  const many: Notice = {
    text: `The Procfile has ${workers.length} workers; the first ${maxProcesses} count`,
    origin: 'Procfile',
    help: 'Make services of the others.',
  };
  return {
    start: web === undefined ? null : { kind: 'command', command: web, origin: of('web') },
    release: release === undefined ? null : { value: release, origin: of('release') },
    processes: workers
      .slice(0, maxProcesses)
      .map(([name, command]) => ({ name, kind: 'worker', command, origin: of(name) })),
    notices: workers.length > maxProcesses ? [many] : [],
  };
}
