import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@towpath/client';
import { type DeploymentView, ended, type RunDetail, type TargetView } from '@towpath/contract';
import { SupervisorClient } from '@towpath/supervisor/client';
import { z } from 'zod';
import { killAll, processesOf, programOf } from './leftovers.ts';
import { type Ended, start } from './program.ts';
import { type Pushed, Repository } from './repository.ts';
import type { Files } from './templates.ts';

/** Generous: the machine may be busy with other things. */
const longestWaitMs = 120_000;
const lastMomentsMs = 10_000;

/** What `towpath up --json` answers, as far as stories need it. */
const Up = z.object({
  url: z.string(),
  token: z.string(),
  routerUrl: z.string(),
  gitUrl: z.string(),
  data: z.string(),
  started: z.array(z.string()),
});
export type Up = z.infer<typeof Up>;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What `GET /` of a service of `nodeService` answers. */
const ServiceAnswer = z.object({ version: z.string(), release: z.string(), pid: z.int(), bytes: z.int() });

/** A folder with an installation of Towpath and the repositories of those who use it; nothing outside of it is touched. */
export class World {
  readonly folder: string;
  readonly data: string;
  /** What the people of this world have in their shells. */
  readonly env: NodeJS.ProcessEnv;
  /** The tree of source code whose command line is typed; null: this one. */
  tree: string | null = null;
  #up: Up | null = null;

  private constructor(folder: string, data: string) {
    this.folder = folder;
    this.data = join(folder, data);
    this.env = environment(folder);
  }

  /** An empty folder: nothing is set up. The data will lie in `data` below it. The caller ends it with `end`. */
  static create(data = 'data'): World {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'towpath-e2e-')));
    // PostgreSQL runs under another account when root starts it.
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'home'));
    process.once('exit', () => killAll(folder));
    return new World(folder, data);
  }

  /** `towpath up` with these words; the first time on free ports. */
  async up(...words: readonly string[]): Promise<Up> {
    const ports = this.#up === null ? ['--listen', '127.0.0.1:0', '--control', '127.0.0.1:0'] : [];
    const ended = await this.cli('up', '--data', this.data, ...ports, ...words, '--json');
    if (ended.code !== 0) throw new Error(`up ended with ${ended.code}:\n${ended.stdout}${ended.stderr}`);
    this.#up = Up.parse(ended.json());
    return this.#up;
  }

  /** What the last `up` answered. */
  get is(): Up {
    if (this.#up === null) throw new Error('Towpath is not up');
    return this.#up;
  }

  get client(): Client {
    return createClient(this.is);
  }

  /** `towpath down`, when it was up. Throws when something is left of it, which is killed all the same. */
  async down(): Promise<void> {
    if (this.#up === null) return;
    const down = await this.cli('down', '--data', this.data);
    // The supervisor itself is on its way out when `down` returns.
    const deadline = performance.now() + lastMomentsMs;
    while (processesOf(this.folder).length > 0 && performance.now() < deadline) await pause(50);
    this.#up = null;
    const left = killAll(this.folder);
    const said = `${down.stdout}${down.stderr}`;
    if (down.code !== 0) throw new Error(`down ended with ${down.code}:\n${said}`);
    if (left.length > 0) throw new Error(`down left behind: ${JSON.stringify(left)}\n${said}`);
  }

  /** Stops everything and removes the folder, also when stopping fails. */
  async end(): Promise<void> {
    try {
      await this.down();
    } finally {
      killAll(this.folder);
      // What is sealed is read-only, and only root removes that as it is.
      spawnSync('chmod', ['-R', 'u+rwX', this.folder]);
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** The real command line, typed in the world's folder. */
  cli(...words: readonly string[]): Promise<Ended> {
    return this.cliIn(this.folder, ...words);
  }

  cliIn(folder: string, ...words: readonly string[]): Promise<Ended> {
    return this.type(words, { cwd: folder });
  }

  type(words: readonly string[], given: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv }): Promise<Ended> {
    const main = this.tree === null ? ownMain : join(this.tree, 'packages/cli/src/main.ts');
    const where = { cwd: given.cwd ?? this.folder, env: { ...this.env, ...given.env } };
    return start(
      process.execPath,
      [main, ...words],
      given.input === undefined ? where : { ...where, input: given.input },
    ).ended;
  }

  repository(name: string, files: Files): Promise<Repository> {
    return Repository.begin(join(this.folder, name), this.env, files);
  }

  /** A repository of these files, made a service by `towpath init` with these words. */
  async service(name: string, files: Files, ...words: readonly string[]): Promise<Repository> {
    const repository = await this.repository(name, files);
    const ended = await this.cliIn(repository.folder, 'init', ...words);
    if (ended.code !== 0) throw new Error(`init ended with ${ended.code}:\n${ended.stderr}`);
    return repository;
  }

  /** Pushes, approves and waits: what is pushed gets live in production. Throws when it does not. */
  async ship(repository: Repository): Promise<{ pushed: Pushed; run: RunDetail }> {
    const pushed = await repository.push();
    if (pushed.run === null) throw new Error(`the push began no run:\n${pushed.said}`);
    await this.client.call('approve', { params: { run: pushed.run }, body: {} });
    const run = await this.waitFor(pushed.run);
    if (run.status !== 'succeeded') throw new Error(`run #${run.run} ${run.status}: ${run.reason}\n${pushed.said}`);
    return { pushed, run };
  }

  /** The run when this is so of it; by default when it ended or waits for a person. Throws when it ended otherwise, or took too long. */
  async waitFor(run: number, isSo: (run: RunDetail) => boolean = settled): Promise<RunDetail> {
    const deadline = performance.now() + longestWaitMs;
    let now = await this.client.call('getRun', { params: { run } });
    while (!isSo(now)) {
      if (ended.has(now.status) || performance.now() > deadline) {
        throw new Error(`run #${run} is ${now.status} (${now.reason}): ${JSON.stringify(now.stages, null, 2)}`);
      }
      now = await this.client.call('waitRun', {
        params: { run },
        query: { revision: now.revision, timeoutMs: 5_000 },
      });
    }
    return now;
  }

  /** A deployment's end, however it comes. */
  async deployed({ deployment }: Pick<DeploymentView, 'deployment'>): Promise<DeploymentView> {
    const deadline = performance.now() + longestWaitMs;
    for (;;) {
      const now = await this.client.call('waitDeployment', { params: { deployment }, query: { timeoutMs: 5_000 } });
      if (ended.has(now.status)) return now;
      if (performance.now() > deadline) throw new Error(`deployment ${deployment} is ${now.status}: ${now.reason}`);
    }
  }

  async target(service: string, environment: string): Promise<TargetView> {
    const { environments } = await this.client.call('getService', { params: { service } });
    const found = environments.find((each) => each.environment === environment);
    if (found === undefined) throw new Error(`${service} has no environment ${environment}`);
    return found;
  }

  /** A user's request, on a connection of its own. */
  ask(host: string, path = '/'): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    request(new URL(path, this.is.routerUrl), { headers: { host }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
    return promise;
  }

  /** Who answers at a host that a service of `nodeService` has. */
  async who(host: string): Promise<z.infer<typeof ServiceAnswer>> {
    const { status, text } = await this.ask(host);
    if (status !== 200) throw new Error(`${host} answers ${status}: ${text}`);
    return ServiceAnswer.parse(JSON.parse(text));
  }

  /** The pids of Towpath's own processes by name: supervisor, postgres, server-1, router; those that run. */
  async pids(): Promise<Record<string, number>> {
    return this.withSupervisor(async (supervisor) => {
      const { pid, system } = await supervisor.health();
      const others = system.flatMap((each) =>
        each.pid === null ? [] : [[each.key.replace(/^system\//, ''), programOf(each.pid)] as const],
      );
      return { supervisor: pid, ...Object.fromEntries(others) };
    });
  }

  /** Everything that runs in this world, replicas and stages too. */
  processes() {
    return processesOf(this.folder);
  }

  async withSupervisor<T>(use: (supervisor: SupervisorClient) => Promise<T>): Promise<T> {
    const { socket } = Socket.parse(JSON.parse(readFileSync(join(this.data, 'config/supervisor.json'), 'utf8')));
    const supervisor = new SupervisorClient(socket);
    try {
      return await use(supervisor);
    } finally {
      supervisor.close();
    }
  }
}

const Socket = z.object({ socket: z.string() });

/** The command line of this tree. */
const ownMain = fileURLToPath(import.meta.resolve('@towpath/cli/main'));

const settled = (run: RunDetail): boolean => ended.has(run.status) || run.status === 'waiting';

/** The shell of somebody new on this machine: settings, caches and logins below the folder, git without anybody's own settings. */
function environment(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, 'home');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(TOWPATH_|XDG_|GIT_|VITEST|NODE_|npm_|DATABASE_URL$)/.test(name),
  );
  const who = { NAME: 'Ada', EMAIL: 'ada@example.org' };
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...Object.fromEntries(
      Object.entries(who).flatMap(([name, value]) => [
        [`GIT_AUTHOR_${name}`, value],
        [`GIT_COMMITTER_${name}`, value],
      ]),
    ),
  };
}
