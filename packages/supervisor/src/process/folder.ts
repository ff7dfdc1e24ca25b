import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Epoch, Exit, ProcessSpec } from '@towpath/contract/supervisor';
import { z } from 'zod';
import { fileId, readJson, replaceFile } from '../durable.ts';
import { Incarnation } from './incarnation.ts';
import { safeName } from './names.ts';

const Accepted = z.object({ key: z.string(), epoch: Epoch, acceptedAt: z.iso.datetime(), spec: ProcessSpec });
/** What was asked for: written once, before anything is started. Holds the environment, and so secrets. */
export type Accepted = z.infer<typeof Accepted>;

const Stopping = z.object({ why: z.enum(['asked', 'timeout']), at: z.number(), graceMs: z.number() });
/** The intention to end it, in ms since 1970: recorded before the first signal. */
export type Stopping = z.infer<typeof Stopping>;

const Ending = z.object({
  phase: z.enum(['exited', 'stopped']),
  exit: Exit.nullable(),
  reason: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime(),
});
/** How it ended for good: written when nothing of it is left. */
export type Ending = z.infer<typeof Ending>;

/** 4 MB: an environment may be as large as the kernel allows. */
const mostSpecBytes = 4 << 20;

/**
 * The folder of one process: spec.json, out (the log of all its incarnations), 1/ 2/ … (incarnation.ts), stop.json, end.json.
 * It appears whole, by a rename; names with a leading dot are drafts and remains, swept at start. Nothing is synced: what dies takes no
 * page of the kernel with it, and a power failure ends all processes too; whoever wanted them asks again (docs/decisions/0005-no-fsync.md).
 */
export class ProcessFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the folder with its spec and the first incarnation. Throws EEXIST or ENOTEMPTY when there is one. */
  static create(root: string, accepted: Accepted): ProcessFolder {
    const draft = join(root, `.new-${randomBytes(6).toString('hex')}`);
    mkdirSync(draft, { mode: 0o700 });
    try {
      writeFileSync(join(draft, 'spec.json'), JSON.stringify(accepted), { mode: 0o600 });
      const folder = new ProcessFolder(draft);
      const { user } = accepted.spec;
      closeSync(folder.openOut());
      if (user !== undefined) chownSync(folder.out, user.uid, user.gid);
      folder.makeIncarnation(1, user);
      const path = join(root, safeName(accepted.key));
      renameSync(draft, path);
      return new ProcessFolder(path);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  }

  /** The folders of all processes, after sweeping what a crash left behind. */
  static list(root: string): ProcessFolder[] {
    const folders: ProcessFolder[] = [];
    for (const name of readdirSync(root)) {
      const path = join(root, name);
      if (name.startsWith('.')) rmSync(path, { recursive: true, force: true });
      else folders.push(new ProcessFolder(path));
    }
    return folders;
  }

  get out(): string {
    return join(this.path, 'out');
  }

  /** The log as rows of the process table name it. */
  outId(): string | null {
    return fileId(this.out);
  }

  /** Null when it can't be understood: a power failure may have cut it before anybody was told that it was accepted. */
  accepted(): Accepted | null {
    return readJson(join(this.path, 'spec.json'), Accepted, mostSpecBytes);
  }

  rewriteSpec(accepted: Accepted): void {
    replaceFile(join(this.path, 'spec.json'), JSON.stringify(accepted));
  }

  stopping(): Stopping | null {
    return readJson(join(this.path, 'stop.json'), Stopping);
  }

  recordStopping(stopping: Stopping): void {
    replaceFile(join(this.path, 'stop.json'), JSON.stringify(stopping));
  }

  ending(): Ending | null {
    return readJson(join(this.path, 'end.json'), Ending);
  }

  recordEnding(ending: Ending): void {
    replaceFile(join(this.path, 'end.json'), JSON.stringify(ending));
  }

  /** Makes an ended process startable again. In this order: a crash in between leaves it ended, or stopping with nothing to stop. */
  clearEnding(): void {
    rmSync(join(this.path, 'end.json'), { force: true });
    rmSync(join(this.path, 'stop.json'), { force: true });
  }

  /** Opens the log for appending; close it after the spawn. */
  openOut(): number {
    return openSync(this.out, 'a', 0o600);
  }

  logBytes(): number {
    return statSync(this.out, { throwIfNoEntry: false })?.size ?? 0;
  }

  incarnation(): Incarnation {
    const numbers = readdirSync(this.path).map(Number).filter(Number.isInteger);
    return new Incarnation(this.path, Math.max(1, ...numbers));
  }

  /** The next life's folder; the ended one's is removed. */
  nextIncarnation(user: ProcessSpec['user']): Incarnation {
    const last = this.incarnation();
    const next = this.makeIncarnation(last.number + 1, user);
    rmSync(last.path, { recursive: true, force: true });
    return next;
  }

  /** Takes the folder out of the list at once; a crash while removing it leaves a name that the next start sweeps. */
  remove(): void {
    const remains = join(this.path, '..', `.gone-${randomBytes(6).toString('hex')}`);
    renameSync(this.path, remains);
    rmSync(remains, { recursive: true, force: true });
  }

  /** Moves a folder that can't be understood out of the way; says where to. */
  setAside(dataDir: string): string {
    const aside = join(dataDir, 'set-aside');
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    const path = join(aside, `${basename(this.path)}-${randomBytes(6).toString('hex')}`);
    renameSync(this.path, path);
    return path;
  }

  /** Whole, with its owner, or not at all. */
  private makeIncarnation(number: number, user: ProcessSpec['user']): Incarnation {
    const incarnation = new Incarnation(this.path, number);
    const draft = join(this.path, 'draft');
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    if (user !== undefined) chownSync(draft, user.uid, user.gid);
    renameSync(draft, incarnation.path);
    return incarnation;
  }
}
