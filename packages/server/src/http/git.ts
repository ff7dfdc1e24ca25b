import type { IncomingMessage, ServerResponse } from 'node:http';
import { failpoint } from '../failpoints.ts';
import { followRun } from '../operations/follow.ts';
import type { Actor, House } from '../operations/house.ts';
import { openForFetch, openForPush } from '../operations/open-repository.ts';
import { push } from '../operations/push.ts';
import type { GitSource } from '../sources/git/git-source.ts';
import type { PushProgress, RefUpdate } from '../sources/git/push.ts';
import { refuseGit } from '../sources/git/receive.ts';
import { routeGit } from '../sources/git/route.ts';
import type { ServiceRow } from '../store/services.ts';
import { authenticate } from './auth.ts';
import { toTowpathError } from './server.ts';

export interface GitHttp {
  readonly house: () => House | null;
  readonly source: Pick<GitSource, 'serve'>;
  readonly log: (message: string, error: unknown) => void;
}

/** Pushes and fetches: the same tokens as the API, sent as the password. */
export function gitHandler(options: GitHttp): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      const known = toTowpathError(error);
      if (known.code === 'internal') options.log('a git request failed', error);
      if (response.headersSent) return response.destroy();
      if (known.code === 'unauthorised') response.setHeader('www-authenticate', 'Basic realm="towpath"');
      response
        .writeHead(known.status, { 'content-type': 'text/plain; charset=utf-8' })
        .end(`${known.message}\n${known.help}\n`);
    });
  };
}

async function serve(options: GitHttp, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const house = options.house();
  if (house === null) {
    response
      .writeHead(503, { 'content-type': 'text/plain', 'retry-after': '2' })
      .end('The database has not answered yet.\n');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://towpath');
  const call = routeGit(request.method ?? 'GET', url.pathname.replace(/^\/git/, ''), url.search.slice(1));
  const actor = await authenticate(house.db, request.headers);
  if ('status' in call) return refuseGit(response, call);
  const open = call.service === 'git-receive-pack' ? openForPush : openForFetch;
  const service = await open(house, actor, call);
  await options.source.serve(request, response, {
    call,
    actor: actor.name,
    onPush: (updates, progress) => pushed(house, actor, service, updates, progress),
  });
}

/** Every branch that moved gives a run; the pusher sees them one after the other. Tags and deleted branches give none. */
async function pushed(
  house: House,
  actor: Actor,
  service: ServiceRow,
  updates: readonly RefUpdate[],
  progress: PushProgress,
): Promise<void> {
  const runs: number[] = [];
  for (const update of updates) {
    if (update.kind !== 'branch' || update.after === null) continue;
    failpoint('push.moved');
    const run = await push(house, actor, { service, branch: update.name, commit: update.after });
    if ('unwanted' in run) progress.line(`${service.name}: no run: ${run.unwanted}`);
    else runs.push(run.id);
  }
  for (const run of runs) {
    try {
      for await (const line of followRun(house, run, progress.signal)) progress.line(line);
    } catch (error) {
      if (!progress.signal.aborted) throw error;
      return;
    }
  }
}
