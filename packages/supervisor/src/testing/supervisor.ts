import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProcessSpecInput, ProcessState } from '@towpath/contract/supervisor';
import { SupervisorClient } from '../client/client.ts';
import type { SupervisorConfigInput } from '../config.ts';

const mainPath = fileURLToPath(new URL('../main.ts', import.meta.url));
/** Shared by all supervisors of a machine's tests: they start in half the time. */
const compiled = join(tmpdir(), `towpath-compiled-${process.getuid?.()}`);

/** A real supervisor on a folder of its own, without its keeper: it stays dead when it is killed, until start() is called again. */
export class TestSupervisor {
  readonly root = mkdtempSync(join(tmpdir(), 'tps-'));
  readonly dataDir = join(this.root, 'data');
  readonly socket = join(this.root, 's');
  readonly configPath = join(this.root, 'config.json');
  readonly client = new SupervisorClient(this.socket);
  #child: ChildProcess | null = null;
  #died: Promise<unknown> = Promise.resolve();

  static async start(system: SupervisorConfigInput['system'] = [], failpoint?: string): Promise<TestSupervisor> {
    const supervisor = new TestSupervisor();
    supervisor.configure(system);
    await supervisor.start(failpoint);
    return supervisor;
  }

  configure(system: SupervisorConfigInput['system']): void {
    writeFileSync(this.configPath, JSON.stringify({ socket: this.socket, dataDir: this.dataDir, system }));
  }

  /** Resolves when it answers; or when it has died at a failpoint on its way there. */
  async start(failpoint?: string): Promise<void> {
    const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled };
    const log = openSync(join(this.root, 'log'), 'a');
    const child = spawn(process.execPath, [mainPath, this.configPath], {
      env: failpoint === undefined ? env : { ...env, TOWPATH_FAILPOINT: failpoint },
      stdio: ['ignore', 'ignore', log],
    });
    closeSync(log);
    this.#child = child;
    this.#died = once(child, 'exit');
    while (child.exitCode === null && child.signalCode === null) {
      const health = await this.client.health().catch(() => null);
      if (health?.pid === child.pid) return;
      await delay(10);
    }
  }

  /** Another supervisor of the same folder; resolves with its exit code. */
  async startSecond(): Promise<number | null> {
    const second = spawn(process.execPath, [mainPath, this.configPath], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled },
      stdio: 'ignore',
    });
    await once(second, 'exit');
    return second.exitCode;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async died(): Promise<void> {
    await this.#died;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#died;
  }

  /** Ends every process and the supervisor, and removes the folder. */
  async end(): Promise<void> {
    if ((await this.client.health().catch(() => null)) === null) {
      await this.kill();
      await this.start();
    }
    for (const state of await this.client.list()) {
      if (state.owner !== 'system' && state.phase !== 'exited' && state.phase !== 'stopped') {
        await this.client.stop(state.key, Number.MAX_SAFE_INTEGER, 0);
      }
    }
    await this.client.shutdown(true);
    await this.#died;
    this.client.close();
    rmSync(this.root, { recursive: true });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  lines(name: string): string[] {
    const path = this.path(name);
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  /** A task of the shell in the supervisor's folder. */
  task(script: string, more: Partial<ProcessSpecInput> = {}): ProcessSpecInput {
    const env = { PATH: process.env.PATH ?? '' };
    return { mode: 'task', owner: 'run/1', argv: ['/bin/sh', '-c', script], cwd: this.root, env, ...more };
  }

  service(script: string, more: Partial<ProcessSpecInput> = {}): ProcessSpecInput {
    return this.task(script, { mode: 'service', owner: 'target/1', ...more });
  }

  async run(key: string, spec: ProcessSpecInput): Promise<ProcessState> {
    await this.client.start(key, 1, spec);
    return this.client.wait(key);
  }

  async output(key: string, offset = 0, follow = true): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.client.logs(key, offset, { follow })) parts.push(part);
    return Buffer.concat(parts);
  }
}

type Nothing = null | undefined | false | 0 | '';

/** Looks every 10 ms until there is something; the test's own time limit ends the wait. */
export async function eventually<T>(look: () => Promise<T | Nothing> | T | Nothing): Promise<T> {
  for (;;) {
    const value = await look();
    if (value) return value;
    await delay(10);
  }
}

/** True while a process of this pid lives: a zombie does not. */
export function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
