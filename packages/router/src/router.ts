import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RouterConfig, RouterState } from '@towpath/contract/router';
import { apiServer } from './api.ts';
import { Board } from './board.ts';
import { controlHost, controlTable } from './control.ts';
import { CountBook } from './counts.ts';
import { Fleet } from './fleet.ts';
import { Listener } from './listen.ts';
import type { Log } from './log.ts';
import { probe } from './probe.ts';
import { appsService, controlService, type Service, watchTimeouts } from './service.ts';
import { listenOnSocket } from './socket.ts';
import { TableKeeper } from './table.ts';
import { Tally } from './tally.ts';

const flushMs = 1_000;

export interface Router {
  readonly state: () => RouterState;
  /** Stops accepting, lets requests in flight end for `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

/** The workspace's one version, from the package's own description. */
function ownVersion(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const has = typeof description === 'object' && description !== null && 'version' in description;
  return has && typeof description.version === 'string' ? description.version : 'unknown';
}

/**
 * Starts a router: serves the table that was saved last, then listens for users, then for the control plane. Rejects with ListenError or
 * SocketTaken when an address cannot be had; nothing is left running then.
 */
export async function startRouter(config: RouterConfig, log: Log): Promise<Router> {
  const instance = randomUUID();
  const version = ownVersion();
  const board = new Board();
  const changed = (): void => board.changed();
  const counts = new CountBook(instance, config.stateDir);
  const limits = config.limits;
  const fleet = new Fleet({ limits, tally: (release) => counts.tally(release), changed, log, takeBack: false });
  const servers = new Fleet({ limits, tally: () => new Tally({ now: 0 }, 0), changed: () => {}, log, takeBack: true });
  const keeper = new TableKeeper(config.stateDir, fleet, log);
  const apps = appsService(fleet.find, limits.answerTimeoutMs);
  const control = controlService(() => servers.find(controlHost));
  const listeners = config.listen.map(
    ({ purpose }) => new Listener(purpose, purpose === 'apps' ? apps : control, limits, log),
  );
  const listens: RouterState['listens'] = [];

  const state = (): RouterState => ({
    version,
    pid: process.pid,
    instance,
    generation: keeper.generation,
    revision: board.revision,
    replicas: fleet.states(),
    listens,
  });
  const api = apiServer({
    state,
    changed: (after, timeoutMs, signal) => board.wait(after, timeoutMs, signal),
    apply: (update) => keeper.apply(update),
    probe: (asked) => probe(fleet.find, limits, asked),
    stats: (seen) => counts.stats(seen?.instance === instance ? seen.after : null),
  });
  const stopTimeouts = [apps, control].map((service: Service) => watchTimeouts(service));
  const flush = (): Promise<void> =>
    counts
      .flush()
      .catch((error: unknown) =>
        log('stats_not_saved', { error: error instanceof Error ? error.message : String(error) }),
      );
  const flusher = setInterval(() => {
    counts.retain(fleet.releases());
    void flush();
  }, flushMs).unref();
  let removeSocket = async (): Promise<void> => {};

  const stop = async (graceMs: number): Promise<void> => {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), graceMs);
    const closed = listeners.map((listener) => listener.close(deadline.signal));
    api.close();
    api.closeAllConnections();
    await removeSocket();
    await Promise.all(closed);
    clearTimeout(timer);
    clearInterval(flusher);
    for (const end of stopTimeouts) end();
    fleet.close();
    servers.close();
    await flush();
  };

  try {
    await keeper.restore();
    await counts.restore(log);
    servers.serve(controlTable(config.control));
    for (const [i, listener] of listeners.entries()) {
      const { host, port } = config.listen[i] ?? { host: '', port: 0 };
      listens.push({ purpose: listener.purpose, address: await listener.listen(host, port) });
    }
    removeSocket = await listenOnSocket(api, config.socket);
  } catch (error) {
    await stop(0);
    throw error;
  }
  log('ready', { version, pid: process.pid, instance, generation: keeper.generation, listens, socket: config.socket });
  return { state, stop };
}
