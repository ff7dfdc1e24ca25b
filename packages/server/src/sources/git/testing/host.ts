import { type ExecFileException, execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitSource, openGitSource } from '../git-source.ts';
import type { GitLimits } from '../mirror.ts';
import type { PushProgress, RefUpdate } from '../push.ts';
import { refuseGit } from '../receive.ts';
import { routeGit } from '../route.ts';

export interface Push {
  readonly repository: string;
  readonly actor: string;
  readonly updates: readonly RefUpdate[];
  readonly progress: PushProgress;
}

/** A git source behind a real HTTP server, with a folder for clones. */
export interface GitHost {
  readonly source: GitSource;
  readonly folder: string;
  readonly url: string;
  readonly server: Server;
  readonly pushes: Push[];
  /** What each push is answered with; by default it ends at once. */
  handle: (push: Push) => Promise<void>;
  close(): Promise<void>;
}

/** Far more than tests need. */
export const roomy: GitLimits = { pushBytes: 1_000_000_000, commitFiles: 1_000_000, commitBytes: 1_000_000_000 };

/** Without `patienceMs` every commit is held against the limits. */
export async function openHost(limits: Partial<GitLimits> = {}, patienceMs = 0): Promise<GitHost> {
  const folder = await mkdtemp(join(tmpdir(), 'towpath-git-'));
  const source = await openGitSource({ dataDir: join(folder, 'data'), limits: { ...roomy, ...limits }, patienceMs });
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const call = routeGit(request.method ?? '', path, query);
    if ('status' in call) return refuseGit(response, call);
    const actor = 'ann';
    const onPush = async (updates: readonly RefUpdate[], progress: PushProgress) => {
      const push = { repository: call.repository, actor, updates, progress };
      host.pushes.push(push);
      await host.handle(push);
    };
    source.serve(request, response, { call, actor, onPush }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const host: GitHost = {
    source,
    folder,
    url: `http://127.0.0.1:${address.port}`,
    server,
    pushes: [],
    handle: async () => {},
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return host;
}

export interface Ran {
  readonly code: number;
  /** stdout and stderr, as they came. */
  readonly text: string;
}

export const personEnv = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
};

/** A person's git. */
export function git(cwd: string, ...argv: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      'git',
      argv,
      { cwd, env: personEnv, maxBuffer: 64 * 1024 * 1024 },
      (error: ExecFileException | null, out, err) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, text: out + err });
      },
    );
  });
}

/** The same, where success is taken for granted; gives what it printed. */
export async function gitOk(cwd: string, ...argv: string[]): Promise<string> {
  const { code, text } = await git(cwd, ...argv);
  if (code !== 0) throw new Error(`git ${argv.join(' ')}: exit ${code}\n${text}`);
  return text.trim();
}

/** A person's repository with one commit, and the remote `towpath`. */
export async function makeClone(
  host: GitHost,
  repository: string,
  name = repository.replace('/', '-'),
): Promise<string> {
  const clone = join(host.folder, name);
  await mkdir(clone);
  await gitOk(clone, 'init', '--quiet', '--initial-branch=main');
  await gitOk(clone, 'remote', 'add', 'towpath', `${host.url}/${repository}.git`);
  await commitFiles(clone, { 'readme.md': 'hello\n' });
  return clone;
}

/** Commits the files; gives the commit's id. */
export async function commitFiles(
  clone: string,
  files: Record<string, string | Buffer>,
  message = 'a change',
): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(clone, name)), { recursive: true });
    await writeFile(join(clone, name), content);
  }
  await gitOk(clone, 'add', '--all');
  await gitOk(clone, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return gitOk(clone, 'rev-parse', 'HEAD');
}
