import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { TowpathError } from '@towpath/contract';
import type { ProcessSpec } from '@towpath/contract/supervisor';
import { type Ready, readConfig, type SupervisorConfig, type SystemProcess } from './config.ts';
import type { Keeper } from './keeper.ts';
import { type KeptProcess, systemOwner } from './process/kept.ts';

const lookEveryMs = 20;

/** Server, router and PostgreSQL: kept as the configuration file says, in its order. */
export class System {
  readonly #configPath: string;
  readonly #keeper: Keeper;
  readonly #log: (line: string) => void;
  /** Restarts, the first start and the shutdown, one after another. */
  #queue: Promise<unknown> = Promise.resolve();
  #order: string[] = [];
  #closed = false;

  constructor(configPath: string, keeper: Keeper, log: (line: string) => void) {
    this.#configPath = configPath;
    this.#keeper = keeper;
    this.#log = log;
  }

  states() {
    return this.#keeper.list(systemOwner).map((kept) => kept.state());
  }

  /** Starts what does not run, replaces what runs by another spec, ends what the configuration no longer names. */
  start({ system }: SupervisorConfig): Promise<void> {
    return this.#inTurn(async () => {
      this.#order = system.map(({ name }) => keyOf(name));
      const gone = this.#keeper.list(systemOwner).filter(({ key }) => !this.#order.includes(key));
      await Promise.all(gone.map((kept) => this.#remove(kept)));
      const ready = new Map<string, Promise<void>>();
      for (const entry of system) {
        const before = Promise.all(entry.after.map((name) => ready.get(name)));
        ready.set(
          entry.name,
          before.then(() => this.#startInSpite(entry)),
        );
      }
      await Promise.all(ready.values());
    });
  }

  /** Reads the file again and puts a new process in place of the old one. Resolves when the new one was started. */
  restart(name: string): Promise<KeptProcess> {
    return this.#inTurn(async () => {
      const { system } = readConfig(this.#configPath);
      this.#order = system.map((process) => keyOf(process.name));
      const entry = system.find((process) => process.name === name);
      const kept = this.#keeper.find(keyOf(name));
      if (entry === undefined) {
        if (kept !== undefined) await this.#remove(kept);
        throw new TowpathError('unknown_process', `the configuration names no system process ${name}`);
      }
      await this.#end(kept);
      return this.#start(entry);
    });
  }

  /** Ends all of them, last started first. Whatever is being started or restarted now comes before. */
  stop(): Promise<void> {
    this.#closed = true;
    return this.#inTurn(async () => {
      const place = (kept: KeptProcess) => this.#order.indexOf(kept.key);
      const kept = this.#keeper.list(systemOwner).sort((a, b) => place(b) - place(a));
      for (const process of kept) await this.#end(process);
    });
  }

  /** Tries until it is started and ready, or given up by a shutdown: the disk may be full at first. */
  async #startInSpite(entry: SystemProcess): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#ensure(entry);
        return await this.#untilReady(entry);
      } catch (error) {
        this.#log(`${keyOf(entry.name)} cannot be started: ${error instanceof Error ? error.message : error}`);
        await delay(1_000);
      }
    }
  }

  async #ensure(entry: SystemProcess): Promise<void> {
    const kept = this.#keeper.find(keyOf(entry.name));
    if (kept !== undefined && !kept.hasEnded) {
      if (isDeepStrictEqual(kept.folder.accepted()?.spec, specOf(entry)) && !kept.isStopping) return;
      await this.#end(kept);
    }
    await this.#start(entry);
  }

  async #start(entry: SystemProcess): Promise<KeptProcess> {
    const kept = await this.#keeper.startSystem(keyOf(entry.name), specOf(entry));
    await kept.begun;
    return kept;
  }

  async #end(kept: KeptProcess | undefined): Promise<void> {
    kept?.stop();
    await kept?.ended;
  }

  async #remove(kept: KeptProcess): Promise<void> {
    await this.#end(kept);
    this.#keeper.drop(kept);
  }

  async #untilReady({ ready, readyTimeoutMs }: SystemProcess): Promise<void> {
    const until = Date.now() + readyTimeoutMs;
    while (ready !== undefined && !this.#closed && Date.now() < until && !(await isReady(ready)))
      await delay(lookEveryMs);
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(act);
    this.#queue = turn.catch(() => {});
    return turn;
  }
}

function keyOf(name: string): string {
  return `${systemOwner}/${name}`;
}

function specOf({ spec }: SystemProcess): ProcessSpec {
  return { ...spec, mode: 'service', owner: systemOwner };
}

function isReady(ready: Ready): Promise<boolean> | boolean {
  if ('file' in ready) return existsSync(ready.file);
  return new Promise((resolve) => {
    const socket = connect(ready.socket);
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
