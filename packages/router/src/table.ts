import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import { type RouteTable, TableUpdate } from '@towpath/contract/router';
import { failpoint } from './failpoints.ts';
import type { Fleet } from './fleet.ts';
import { hostName } from './host.ts';
import type { Log } from './log.ts';

/** What no schema can say of a table. Returns what is wrong, naming the place; null when nothing is. */
function tableFault(table: RouteTable): string | null {
  const hosts = new Map<string, string>();
  const replicas = new Set<string>();
  const hostFault = (names: readonly string[], owner: string, at: string): string | null => {
    for (const [h, host] of names.entries()) {
      if (hostName(host) !== host) return `${at}[${h}]: "${host}" is not a host name in lower case without a port`;
      const other = hosts.get(host);
      if (other !== undefined) return `${at}[${h}]: "${host}" belongs to ${other} already`;
      hosts.set(host, owner);
    }
    return null;
  };
  for (const [r, route] of table.routes.entries()) {
    const fault = hostFault(route.hosts, route.name, `table.routes[${r}].hosts`);
    if (fault !== null) return fault;
    const total = route.backends.reduce((sum, backend) => sum + backend.weight, 0);
    if (total !== 0 && Math.abs(total - 100) > 1e-6) {
      return `table.routes[${r}].backends: the weights of ${route.name} add up to ${total}, not to 100`;
    }
    for (const [b, backend] of route.backends.entries()) {
      const at = `table.routes[${r}].backends[${b}].hosts`;
      const fault = hostFault(backend.hosts, `${route.name} ${backend.release}`, at);
      if (fault !== null) return fault;
      for (const [i, replica] of backend.replicas.entries()) {
        if (replicas.has(replica.id))
          return `table.routes[${r}].backends[${b}].replicas[${i}].id: "${replica.id}" is there twice`;
        replicas.add(replica.id);
      }
    }
  }
  return null;
}

/** Checks a table update, from the socket or from the disk; throws bad_request. */
export function checkUpdate(body: unknown): TableUpdate {
  const parsed = TableUpdate.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = (issue?.path ?? []).reduce<string>(
      (at, key) => (typeof key === 'number' ? `${at}[${key}]` : `${at}.${String(key)}`),
      '',
    );
    throw new TowpathError('bad_request', `${path.slice(1) || 'body'}: ${issue?.message ?? 'not a table'}`);
  }
  const fault = tableFault(parsed.data.table);
  if (fault !== null) throw new TowpathError('bad_request', fault);
  return parsed.data;
}

/** Keeps the table: on disk first, then in service, then acknowledged. */
export class TableKeeper {
  readonly #file: string;
  readonly #stateDir: string;
  readonly #fleet: Fleet;
  readonly #log: Log;
  #served: TableUpdate | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(stateDir: string, fleet: Fleet, log: Log) {
    this.#stateDir = stateDir;
    this.#file = join(stateDir, 'table.json');
    this.#fleet = fleet;
    this.#log = log;
  }

  /** -1 before the first table. */
  get generation(): number {
    return this.#served?.generation ?? -1;
  }

  /** Serves the table that was saved last. A broken file is put aside and reported: waiting for a new table beats not starting. */
  async restore(): Promise<void> {
    await mkdir(this.#stateDir, { recursive: true, mode: 0o700 });
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return;
      throw error;
    }
    try {
      this.#serve(checkUpdate(JSON.parse(text)), 'table_restored');
    } catch (error) {
      const aside = `${this.#file}.broken`;
      await rename(this.#file, aside);
      this.#log('table_broken', { file: aside, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Saves and serves a table. Throws stale_generation, disk_full; then the table before it is still served. */
  apply(update: TableUpdate): Promise<void> {
    const next = this.#last.then(() => this.#apply(update));
    this.#last = next.catch(() => {});
    return next;
  }

  async #apply(update: TableUpdate): Promise<void> {
    const served = this.#served;
    if (served !== null && update.generation < served.generation) {
      throw new TowpathError(
        'stale_generation',
        `generation ${served.generation} is served, ${update.generation} is older`,
      );
    }
    if (served !== null && update.generation === served.generation) {
      if (JSON.stringify(served.table) === JSON.stringify(update.table)) return;
      throw new TowpathError(
        'stale_generation',
        `generation ${served.generation} is served already, with another table`,
      );
    }
    failpoint('router.table.received');
    await this.#save(update);
    failpoint('router.table.saved');
    this.#serve(update, 'table_served');
    failpoint('router.table.served');
  }

  #serve(update: TableUpdate, event: string): void {
    this.#served = update;
    this.#fleet.serve(update.table);
    this.#log(event, { generation: update.generation, routes: update.table.routes.length });
  }

  async #save(update: TableUpdate): Promise<void> {
    const fresh = `${this.#file}.new`;
    try {
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(update));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.#file);
      // The new name must outlive a power cut too: what is acknowledged is served after it.
      const folder = await open(this.#stateDir, 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    } catch (error) {
      const message = `the table could not be saved in ${this.#stateDir}: ${error instanceof Error ? error.message : String(error)}`;
      const full = isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT');
      throw new TowpathError(full ? 'disk_full' : 'internal', message, { cause: error });
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
