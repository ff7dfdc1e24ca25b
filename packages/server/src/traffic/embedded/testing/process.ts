import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { type RouterClient, routerClient } from '@towpath/router/client';

const main = fileURLToPath(import.meta.resolve('@towpath/router/main'));

/** A real router, in a process and on a folder of its own. */
export class RouterProcess {
  readonly client: RouterClient;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tpr-'));
  readonly #config = join(this.#folder, 'router.json');
  #child: ChildProcess | null = null;
  /** The port for users' requests. */
  port = 0;

  constructor() {
    const socket = join(this.#folder, 's');
    this.client = routerClient(socket);
    writeFileSync(
      this.#config,
      JSON.stringify({
        socket,
        stateDir: join(this.#folder, 'state'),
        listen: [{ purpose: 'apps', host: '127.0.0.1', port: 0 }],
      }),
    );
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [main, this.#config], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#child = child;
    while (child.exitCode === null && child.signalCode === null) {
      const state = await this.client.state().catch(() => null);
      if (state?.pid === child.pid) {
        this.port = Number(state?.listens[0]?.address.split(':').at(-1));
        return;
      }
      await delay(10);
    }
    throw new Error(`the router ended with code ${child.exitCode}`);
  }

  /** Resolves when its disk has all that it counted so far. */
  async saved(): Promise<void> {
    const { releases } = await this.client.stats();
    const file = join(this.#folder, 'state', 'stats.json');
    const isSaved = (): boolean => {
      try {
        return isDeepStrictEqual(JSON.parse(readFileSync(file, 'utf8')).releases, releases);
      } catch {
        return false; // It is not there yet.
      }
    };
    while (!isSaved()) await delay(10);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
