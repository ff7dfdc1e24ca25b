import { mkdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Source } from '../source.ts';
import { changedPaths } from './changed.ts';
import { checkoutCommit } from './checkout.ts';
import { describeCommit } from './describe.ts';
import { findGit } from './git.ts';
import { makeHome } from './home.ts';
import { type GitLimits, type Mirrors, prepareMirror } from './mirror.ts';
import { type GitExchange, serveGit } from './receive.ts';
import { branchHead, listBranches, resolveName } from './refs.ts';

/** Bare repositories below `<dataDir>/git`, pushed to and fetched from over smart HTTP. */
export interface GitSource extends Source {
  /** One request of a push or fetch; see serveGit. */
  serve(request: IncomingMessage, response: ServerResponse, exchange: GitExchange): Promise<void>;
}

interface GitSourceOptions {
  readonly dataDir: string;
  readonly limits: GitLimits;
  readonly patienceMs?: number;
}

/** Throws `git_missing` without a git of 2.30 or newer. */
export async function openGitSource({ dataDir, limits, patienceMs = 150 }: GitSourceOptions): Promise<GitSource> {
  const folder = join(dataDir, 'git');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const git = await findGit(await makeHome(folder, limits.pushBytes));
  const mirrors: Mirrors = { git, folder, limits, patienceMs };
  return {
    prepare: (repository) => prepareMirror(mirrors, repository),
    head: (repository, branch) => branchHead(mirrors, repository, branch),
    branches: (repository) => listBranches(mirrors, repository),
    describe: (repository, commit, files = []) => describeCommit(mirrors, repository, commit, files),
    changed: (repository, before, after) => changedPaths(mirrors, repository, before, after),
    resolve: (repository, name) => resolveName(mirrors, repository, name),
    checkout: (repository, commit, into) => checkoutCommit(mirrors, repository, commit, into),
    serve: (request, response, exchange) => serveGit(mirrors, request, response, exchange),
  };
}
