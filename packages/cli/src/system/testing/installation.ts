/** An installation for the tests of `up` and `down`: real supervisor, router and PostgreSQL, and a server that only answers. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SupervisorClient } from '@towpath/supervisor/client';
import { bringDown } from '../down.ts';
import { baseEnvironment } from '../environment.ts';
import { findInstallation } from '../folder.ts';
import type { Layout } from '../layout.ts';
import { findParts, type Parts } from '../parts.ts';
import { bringUp, type Running, type UpRequest } from '../up.ts';
import { me } from './scene.ts';

export interface Installation {
  readonly data: string;
  readonly layout: () => Layout;
  up(changes?: Partial<UpRequest>): Promise<Running>;
  down(keepServices?: boolean): ReturnType<typeof bringDown>;
  /** The pids of the system's processes by name. */
  pids(): Promise<Record<string, number | null>>;
  /** Makes a part's code look changed. */
  changeCode(part: 'server' | 'router' | 'supervisor'): void;
  /** SIGKILL for everything that belongs to it: supervisor and keeper first, so that nothing comes back. */
  killAll(): Promise<void>;
  /** killAll, then what the supervisor kept: replicas outlive everything else. For the end of a test, however it ended. */
  clear(): Promise<void>;
}

const silent = { doing: () => undefined, done: () => undefined, warn: () => undefined };
const anyFreePort = { host: '127.0.0.1', port: 0 };

/** The installation in `folder`, set up or not; the caller throws the folder away after `down` or `killAll`. */
export function installation(folder: string): Installation {
  const data = join(folder, 'data');
  const code = join(folder, 'code');
  mkdirSync(code, { recursive: true });
  const parts = partsIn(code);
  const layout = (): Layout => {
    const found = findInstallation(data, me);
    if (found === null) throw new Error(`nothing is set up in ${data}`);
    return found;
  };
  let up = 0;
  return {
    data,
    layout,
    up: (changes = {}) =>
      bringUp({
        data,
        user: me,
        wishes: up++ === 0 ? { listen: anyFreePort, control: anyFreePort } : {},
        database: null,
        parts,
        node: process.execPath,
        env: baseEnvironment(process.env, parts.modules),
        progress: silent,
        ...changes,
      }),
    down: (keepServices = false) => bringDown({ data, user: me, keepServices, progress: silent }),
    pids: () => withSupervisor(layout(), pidsOf),
    changeCode: (part) => writeFileSync(join(code, part), `${performance.now()}`),
    killAll: () => killWhile(() => processesOf(data)),
    clear: () => killWhile(() => leftOf(data)),
  };
}

/** Everything of an installation that runs: processesOf, and whatever inherited its marker. */
export function leftOf(data: string): { readonly pid: number; readonly command: string }[] {
  const home = join(data, 'supervisor', 'home');
  const marker = existsSync(home) ? `TOWPATH_PROCESS=${readFileSync(home, 'utf8').trim()}:` : null;
  const left = processesOf(data);
  if (left.length > 0 || marker === null) return left;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(marker))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }));
}

async function killWhile(list: () => readonly { readonly pid: number }[]): Promise<void> {
  for (let left = list(); left.length > 0; left = list()) {
    for (const { pid } of left) kill(pid);
    await pause(20);
  }
}

export async function withSupervisor<T>(layout: Layout, use: (client: SupervisorClient) => Promise<T>): Promise<T> {
  const client = new SupervisorClient(layout.supervisorSocket);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Processes whose arguments name something in the data folder: all but the replicas, which know nothing of it. */
export function processesOf(data: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(`${data}/`))
    .sort((a, b) => Number(b.command.includes('keep.sh')) - Number(a.command.includes('keep.sh')));
}

function partsIn(code: string): Parts {
  const real = findParts();
  const marked = (name: 'server' | 'router' | 'supervisor', entry: string) => {
    if (!existsSync(join(code, name))) writeFileSync(join(code, name), 'as it was');
    return { entry, code: [], manifests: [join(code, name)] };
  };
  return {
    server: marked('server', fileURLToPath(new URL('./server.ts', import.meta.url))),
    router: marked('router', real.router.entry),
    supervisor: marked('supervisor', real.supervisor.entry),
    modules: real.modules,
  };
}

async function pidsOf(client: SupervisorClient): Promise<Record<string, number | null>> {
  const { pid, system } = await client.health();
  const others = system.map((state) => [state.key.replace(/^system\//, ''), state.pid] as const);
  return Object.fromEntries([['supervisor', pid] as const, ...others]);
}

function commandOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** Empty when the process has ended, or is somebody else's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
