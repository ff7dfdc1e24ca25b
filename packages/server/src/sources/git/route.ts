import { isRepository } from './mirror.ts';

const services = ['git-upload-pack', 'git-receive-pack'] as const;
export type GitService = (typeof services)[number];

/** One request of the smart protocol. */
export interface GitCall {
  /** `<project>/<service>` */
  readonly repository: string;
  /** What it is for: `git-receive-pack` writes, `git-upload-pack` reads. */
  readonly service: GitService;
  /** info: the list of refs, by GET. Otherwise the exchange itself, by POST. */
  readonly info: boolean;
}

/** Why a request is refused, as text that git shows. */
export interface GitRefusal {
  readonly status: 403 | 404 | 405 | 500;
  readonly text: string;
}

/**
 * Reads `/<project>/<service>.git/<endpoint>` (what follows the mount point, still encoded) and the query without its `?`.
 * Only the smart protocol is spoken; names that could be anything else than names are refused here.
 */
export function routeGit(method: string, path: string, query: string): GitCall | GitRefusal {
  const [, repository = '', endpoint = ''] =
    /^\/([a-z0-9-]+\/[a-z0-9-]+)(?:\.git)?\/(info\/refs|git-[a-z]+-pack)$/.exec(path) ?? [];
  if (!isRepository(repository)) return { status: 404, text: 'There is no repository of this name.' };
  const info = endpoint === 'info/refs';
  const asked = info ? new URLSearchParams(query).get('service') : endpoint;
  const service = services.find((one) => one === asked);
  if (service === undefined) {
    return {
      status: 403,
      text: asked === null ? 'Use a git that speaks the smart protocol.' : 'Only push and fetch are served.',
    };
  }
  if (method !== (info ? 'GET' : 'POST')) return { status: 405, text: `${method} is not served here.` };
  return { repository, service, info };
}
