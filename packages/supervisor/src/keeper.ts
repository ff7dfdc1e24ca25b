import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TowpathError } from '@towpath/contract';
import type { OwnerAnswer, OwnerCheck, ProcessSpec, ProcessState } from '@towpath/contract/supervisor';
import { readSmall, replaceFile } from './durable.ts';
import { Epochs } from './epochs.ts';
import { failpoint } from './failpoints.ts';
import { portsOf } from './machine/ports.ts';
import type { ProcessTable } from './machine/table.ts';
import { checkOwner } from './owner.ts';
import { ProcessFolder } from './process/folder.ts';
import { KeptProcess, type Surroundings, systemOwner } from './process/kept.ts';

/** All kept processes of one data folder. Whoever makes one holds the folder's lock. */
export class Keeper {
  readonly #root: string;
  readonly #around: Surroundings;
  readonly #epochs: Epochs;
  readonly #processes = new Map<string, KeptProcess>();
  readonly #markerPrefix: string;

  /** Takes up every process of the folder: adopts what lives, goes on with what was begun. */
  constructor(dataDir: string, table: ProcessTable, log: (line: string) => void) {
    this.#root = join(dataDir, 'processes');
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    this.#epochs = new Epochs(join(dataDir, 'epochs'));
    const prefix = `${homeId(dataDir)}:`;
    this.#markerPrefix = prefix;
    this.#around = { table, log, markerOf: (key) => prefix + key };
    for (const folder of ProcessFolder.list(this.#root)) {
      const accepted = folder.accepted();
      if (accepted === null)
        log(`${folder.path}: its spec.json cannot be understood: moved to ${folder.setAside(dataDir)}`);
      else this.#processes.set(accepted.key, new KeptProcess(this.#around, folder, accepted));
    }
  }

  /** Starts it, or says how it is. Resolves when it would outlive whatever process dies now. */
  async start(key: string, epoch: number, spec: ProcessSpec): Promise<ProcessState> {
    refuseSystem(key, spec.owner);
    if (spec.user !== undefined && process.getuid?.() !== 0 && process.getuid?.() !== spec.user.uid) {
      throw new TowpathError(
        'bad_request',
        `spec.user: only a supervisor of root can start processes as uid ${spec.user.uid}`,
      );
    }
    this.#epochs.admit(spec.owner, epoch);
    const known = this.#processes.get(key);
    if (known !== undefined && identity(known.spec) !== identity(spec)) {
      throw new TowpathError('spec_differs', `${key} is ${identity(known.spec)}, not ${identity(spec)}`);
    }
    // Without a turn of the event loop between looking and accepting: of two that want one port one gets it.
    if (known === undefined) this.#refuseTakenPort(key, spec.port);
    const kept = known ?? this.#accept(key, epoch, spec);
    await kept.begun;
    return kept.state();
  }

  /** A process of the supervisor's own configuration: started anew in the same folder when it had ended. */
  async startSystem(key: string, spec: ProcessSpec): Promise<KeptProcess> {
    const known = this.#processes.get(key);
    if (known === undefined) return this.#accept(key, 0, spec);
    if (!known.hasEnded) throw new Error(`${key} has not ended`);
    failpoint('supervisor.replace.before');
    const accepted = { key, epoch: 0, acceptedAt: new Date().toISOString(), spec };
    known.folder.rewriteSpec(accepted);
    known.folder.nextIncarnation(spec.user);
    known.folder.clearEnding();
    failpoint('supervisor.replace.after');
    const kept = new KeptProcess(this.#around, known.folder, accepted);
    this.#processes.set(key, kept);
    return kept;
  }

  find(key: string): KeptProcess | undefined {
    return this.#processes.get(key);
  }

  /** Throws unknown_process. */
  get(key: string): KeptProcess {
    const kept = this.#processes.get(key);
    if (kept === undefined) throw new TowpathError('unknown_process', `no process ${key} is known`);
    return kept;
  }

  /** Owner: exact, or a prefix that ends in "/"; without one, all. */
  list(owner?: string): KeptProcess[] {
    const all = [...this.#processes.values()];
    if (owner === undefined) return all;
    const wanted = owner.endsWith('/') ? (name: string) => name.startsWith(owner) : (name: string) => name === owner;
    return all.filter((kept) => wanted(kept.spec.owner));
  }

  /** The state with the ports that its members listen on now. */
  async look(key: string): Promise<ProcessState> {
    const kept = this.get(key);
    if (kept.hasEnded) return kept.state();
    const rows = await this.#around.table.look();
    return kept.state(portsOf(kept.members(rows).map(({ pid }) => pid)));
  }

  stop(key: string, epoch: number, graceMs?: number): ProcessState {
    const kept = this.get(key);
    refuseSystem(key, kept.spec.owner);
    this.#epochs.admit(kept.spec.owner, epoch);
    kept.stop(graceMs);
    return kept.state();
  }

  forget(key: string, epoch: number): void {
    const kept = this.get(key);
    refuseSystem(key, kept.spec.owner);
    this.#epochs.admit(kept.spec.owner, epoch);
    if (!kept.hasEnded) throw new TowpathError('not_ended', `${key} has not ended yet`, { help: 'Stop it first.' });
    this.drop(kept);
  }

  drop(kept: KeptProcess): void {
    failpoint('supervisor.forget.before');
    kept.folder.remove();
    failpoint('supervisor.forget.after');
    this.#processes.delete(kept.key);
  }

  fence(owner: string, epoch: number): void {
    this.#epochs.admit(owner, epoch);
  }

  checkOwner(check: OwnerCheck): Promise<OwnerAnswer> {
    const keyOf = (marker: string | null) =>
      marker?.startsWith(this.#markerPrefix) ? marker.slice(this.#markerPrefix.length) : null;
    return checkOwner(check, this.get(check.key), this.#around.table, keyOf);
  }

  #refuseTakenPort(key: string, port: number | undefined): void {
    if (port === undefined) return;
    const other = this.list().find((kept) => !kept.hasEnded && kept.spec.port === port);
    if (other !== undefined) throw new TowpathError('port_taken', `${key}: port ${port} is that of ${other.key}`);
  }

  #accept(key: string, epoch: number, spec: ProcessSpec): KeptProcess {
    const accepted = { key, epoch, acceptedAt: new Date().toISOString(), spec };
    failpoint('supervisor.accept.before');
    const folder = ProcessFolder.create(this.#root, accepted);
    failpoint('supervisor.accept.after');
    const kept = new KeptProcess(this.#around, folder, accepted);
    this.#processes.set(key, kept);
    return kept;
  }
}

function refuseSystem(key: string, owner: string): void {
  if (owner !== systemOwner && !key.startsWith(`${systemOwner}/`)) return;
  throw new TowpathError('forbidden', `${key}: the system's own processes are the supervisor's`, {
    help: 'Restart one with POST /system/<name>/restart, end all with `towpath down`.',
  });
}

/** What makes two specs the same process. A newer server may pass other variables for it. */
function identity({ mode, owner, argv, cwd, port }: Omit<ProcessSpec, 'env'>): string {
  return JSON.stringify({ mode, owner, argv, cwd, port });
}

/** Tells this data folder's processes from those of any other, in their marker. */
function homeId(dataDir: string): string {
  const path = join(dataDir, 'home');
  const known = readSmall(path)?.trim();
  if (known) return known;
  const id = randomBytes(6).toString('hex');
  replaceFile(path, `${id}\n`);
  return id;
}
