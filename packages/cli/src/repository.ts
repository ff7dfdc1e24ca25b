import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { usage } from './verb.ts';

/** A service of this repository, as `towpath init` noted it in .git/config. */
export interface Noted {
  /** `main/api` */
  readonly service: string;
  /** From the repository's top; "." for the whole. */
  readonly folder: string;
  readonly remote: string;
}

function git(folder: string, ...argv: string[]): { ok: boolean; out: string } {
  const ended = spawnSync('git', argv, { cwd: folder, encoding: 'utf8' });
  if (ended.error !== undefined) throw usage('git is not installed', 'Install git, then try again.');
  return { ok: ended.status === 0, out: ended.stdout.trim() };
}

/** The repository around a folder. Throws when there is none. */
export function repositoryAround(folder: string): { top: string; inside: string } {
  const found = git(folder, 'rev-parse', '--show-toplevel');
  if (!found.ok)
    throw usage(`${folder} is not in a git repository`, 'Make it one: git init && git add -A && git commit -m "First"');
  const prefix = git(folder, 'rev-parse', '--show-prefix').out.replace(/\/$/, '');
  return { top: found.out, inside: prefix === '' ? '.' : prefix };
}

/** The files of a repository: those that git keeps, and those that it would take. Relative to its top. */
export function filesOf(top: string): string[] {
  const argv = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', argv, { cwd: top, encoding: 'utf8', maxBuffer: 256 * 1_048_576 });
  return [...new Set((stdout ?? '').split('\0').filter((name) => name !== ''))];
}

/** The branch that is checked out, also before the first commit; main when there is none. */
export function currentBranch(top: string): string {
  const found = git(top, 'symbolic-ref', '--short', 'HEAD');
  return found.ok ? found.out : 'main';
}

export function notedServices(top: string): Noted[] {
  const lines = git(top, 'config', '--local', '--get-all', 'towpath.service').out.split('\n');
  return lines.flatMap((line) => {
    const [service, remote, ...folder] = line.split(' ');
    return service && remote ? [{ service, remote, folder: folder.join(' ') || '.' }] : [];
  });
}

/** Notes the service, its remote, and where git gets the password from: nothing secret gets into .git/config. */
export function noteService(top: string, noted: Noted, url: string, helper: string): void {
  if (!notedServices(top).some((each) => each.service === noted.service)) {
    git(top, 'config', '--local', '--add', 'towpath.service', `${noted.service} ${noted.remote} ${noted.folder}`);
  }
  if (!git(top, 'remote', 'add', noted.remote, url).ok) git(top, 'remote', 'set-url', noted.remote, url);
  const origin = new URL(url).origin;
  // An empty helper first: helpers of the user's own must not be asked to store the token.
  git(top, 'config', '--local', '--unset-all', `credential.${origin}.helper`);
  git(top, 'config', '--local', '--add', `credential.${origin}.helper`, '');
  git(top, 'config', '--local', '--add', `credential.${origin}.helper`, helper);
}

/** The service that is meant: the one that is named, else the one that `init` noted for this folder. */
export function meantService(named: string | undefined, folder: string = process.cwd()): string {
  if (named !== undefined) return named;
  const { top, inside } = repositoryAround(folder);
  const noted = notedServices(top);
  const around = noted.filter(
    (each) => each.folder === '.' || inside === each.folder || !relative(each.folder, inside).startsWith('..'),
  );
  const deepest = around.sort((a, b) => b.folder.length - a.folder.length);
  const [first, second] = deepest;
  if (first === undefined)
    throw usage('no service is named, and this folder belongs to none', 'Name one, or make one here: towpath init');
  if (second !== undefined && second.folder === first.folder) {
    throw usage(`this folder belongs to ${first.service} and ${second.service}`, 'Name the one you mean.');
  }
  return first.service;
}

/** The project that is meant: the one that is named, else that of the services that `init` noted here, else the one that `init` makes. */
export function meantProject(named: string | undefined, folder: string = process.cwd()): string {
  if (named !== undefined) return named;
  const top = git(folder, 'rev-parse', '--show-toplevel');
  const noted = top.ok ? notedServices(top.out) : [];
  const projects = [...new Set(noted.map((each) => each.service.split('/')[0] ?? ''))];
  if (projects.length > 1)
    throw usage(`this repository has services of ${projects.join(' and ')}`, 'Name the one you mean: --project …');
  return projects[0] ?? 'main';
}
