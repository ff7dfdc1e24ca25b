import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { CheckView } from '@towpath/contract';
import { sql } from '../store/drizzle.ts';
import { version } from '../version.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';

export interface Diagnosis {
  readonly checks: CheckView[];
  readonly version: string;
  readonly at: string;
  readonly domain: string;
  readonly appsUrl: string;
}

/** Looks at everything that Towpath needs on its host. What is broken is told, never thrown. */
export const doctor = operation('read', async (house): Promise<Diagnosis> => {
  const { name, dataDir, baseEnv, domain, appsUrl } = house.config;
  const checks = await Promise.all([
    checked('server', restart, async () => ok('server', `${name} ${version}, process ${process.pid}`)),
    checked('router', restart, () => router(house)),
    checked('supervisor', restart, async () => {
      await house.platform.observe('doctor');
      return ok('supervisor', 'answers');
    }),
    checked('PostgreSQL', restart, () => database(house)),
    checked('disk space', 'Look whether the data folder is there and may be read.', () => disk(dataDir)),
    ...programs.map((each) => program(each, baseEnv)),
  ]);
  return { checks, version, at: new Date().toISOString(), domain, appsUrl };
});

const restart = 'Start what is missing on its host: towpath up';

const ok = (name: string, found: string): CheckView => ({ name, status: 'ok', found, help: null });

async function checked(name: string, help: string, look: () => Promise<CheckView>): Promise<CheckView> {
  try {
    return await look();
  } catch (error) {
    return { name, status: 'broken', found: error instanceof Error ? error.message : String(error), help };
  }
}

async function router(house: Pick<House, 'router'>): Promise<CheckView> {
  const acks = await house.router.acks();
  if (acks.length === 0) return { name: 'router', status: 'broken', found: 'no router answers', help: restart };
  return ok('router', `serves version ${Math.min(...acks.map((each) => each.generation))} of the routes`);
}

async function database({ db }: Pick<House, 'db'>): Promise<CheckView> {
  const { rows } = await db.execute<{ server_version: string }>(sql`show server_version`);
  return ok('PostgreSQL', `${rows[0]?.server_version ?? 'of an unknown version'}`);
}

const gib = 1024 ** 3;

async function disk(folder: string): Promise<CheckView> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return diskCheck(folder, bavail * bsize, blocks * bsize);
}

/** Less than 2 GiB is little for bundles and dependencies; with less than 256 MiB a build or the database stops soon. @param free in bytes */
export function diskCheck(folder: string, free: number, size: number): CheckView {
  const found = `${(free / gib).toFixed(1)} of ${(size / gib).toFixed(1)} GiB are free in ${folder}`;
  if (free >= 2 * gib) return ok('disk space', found);
  const help = 'Make space on that disk, or move the data folder to a larger one.';
  return { name: 'disk space', status: free < gib / 4 ? 'broken' : 'warning', found, help };
}

interface Program {
  readonly name: string;
  readonly argv: readonly string[];
  /** What cannot be done without it. */
  readonly without: string;
  readonly needed?: true;
}

/** What stages can use. Only git is needed by Towpath itself. */
const programs: readonly Program[] = [
  { name: 'git', argv: ['--version'], without: 'nothing can be pushed', needed: true },
  { name: 'node', argv: ['--version'], without: 'services in Node.js are not built' },
  { name: 'pnpm', argv: ['--version'], without: 'services with a pnpm-lock.yaml are not built' },
  { name: 'python3', argv: ['--version'], without: 'services in Python are not built' },
  { name: 'uv', argv: ['--version'], without: 'services with a uv.lock are not built' },
  { name: 'go', argv: ['version'], without: 'services in Go are not built' },
  { name: 'cargo', argv: ['--version'], without: 'services in Rust are not built' },
  { name: 'java', argv: ['-version'], without: 'services in Java are not built' },
  { name: 'docker', argv: ['--version'], without: 'nothing that needs containers can be run by a stage' },
];

const answerMs = 10_000;

/** Is it on the PATH that stages get, and which version is it? */
async function program(
  { name, argv, without, needed }: Program,
  env: Readonly<Record<string, string>>,
): Promise<CheckView> {
  const help = `Install what a service needs on the host; then, in a shell that finds it: towpath up --take-env`;
  try {
    const said = await promisify(execFile)(name, [...argv], { env: { ...env }, cwd: '/', timeout: answerMs });
    return ok(name, versionIn(`${said.stdout}\n${said.stderr}`));
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const found = absent ? `is not on the PATH of stages: ${without}` : `does not tell its version: ${without}`;
    return { name, status: needed === true ? 'broken' : absent ? 'absent' : 'warning', found, help };
  }
}

/** `1.22.1` out of `go version go1.22.1 linux/amd64`; else the first line. */
export function versionIn(said: string): string {
  const number = /\d+(?:\.\d+)+[\w.+-]*/.exec(said.slice(0, 10_000))?.[0];
  return (number ?? said.trim().split('\n')[0] ?? '').slice(0, 100);
}
