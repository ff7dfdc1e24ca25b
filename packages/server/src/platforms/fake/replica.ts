import { EventEmitter, once } from 'node:events';
import type { DesiredProcess, ObservedReplica } from '../platform.ts';
import type { ReplicaName } from '../replicas.ts';
import type { AppScript } from '../script.ts';

/** How long things take on the fake; Infinity: they never come. */
export interface ReplicaTimes {
  startMs: number;
  backoffMs: number;
}

type Phase = ObservedReplica['phase'];

let lives = 0;

/** A replica that exists in memory only, with the phases of a real one. */
export class VirtualReplica {
  readonly name: ReplicaName;
  readonly process: DesiredProcess;
  readonly port: number;
  phase: Phase = 'starting';
  restarts = 0;
  reason: string | null = null;
  lastEnd: string | null = null;
  endedAt: number | null = null;
  /** New with every start of the app. */
  life = '';
  readonly #script: AppScript;
  readonly #times: ReplicaTimes;
  readonly #gate: (name: string) => Promise<void>;
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #timers = new Set<NodeJS.Timeout>();
  #output = Buffer.alloc(0);

  constructor(
    name: ReplicaName,
    process: DesiredProcess,
    port: number,
    world: { script: AppScript; times: ReplicaTimes; gate: (name: string) => Promise<void> },
  ) {
    this.name = name;
    this.process = process;
    this.port = port;
    this.#script = world.script;
    this.#times = world.times;
    this.#gate = world.gate;
  }

  get listens(): readonly number[] {
    if (this.phase !== 'running' && this.phase !== 'stopping') return [];
    // 1 below the range that ports are given from: nobody else's.
    return { PORT: [this.port], elsewhere: [1_023], nowhere: [] }[this.#script.listens];
  }

  /** What its app is given. */
  get env(): Record<string, string> {
    return this.name.type === 'http' ? { ...this.process.env, PORT: String(this.port) } : { ...this.process.env };
  }

  start(): void {
    this.#become('starting', null);
    this.#after(this.#times.startMs, () => {
      lives += 1;
      this.life = `life ${lives}`;
      this.#print('begun\n');
      if (this.#script.tellsEnv === true) this.#print(`${JSON.stringify(this.env)}\n`);
      if (this.#script.exits === undefined) this.#become('running', null);
      else this.#again(`exited with code ${this.#script.exits}`);
    });
  }

  /** Ends as if its process had crashed; the platform starts it again. */
  crash(how = 'ended by SIGKILL'): void {
    if (this.phase === 'stopping') this.#stopped();
    else if (this.phase === 'running') this.#again(how);
  }

  stop(graceMs: number): void {
    if (this.phase === 'stopping' || this.phase === 'stopped') return;
    const hadBegun = this.phase === 'running';
    this.#become('stopping', null);
    const obeys = !hadBegun || this.#script.onTerm === 'end';
    this.#after(obeys ? 0 : graceMs, () => this.#stopped(obeys ? null : 'ended by SIGKILL'));
    if (obeys || this.#script.onTerm === 'ignore') return;
    void this.#gate(this.#script.gate ?? '').then(() => {
      if (this.phase === 'stopping') this.#print('finished\n');
      this.#stopped();
    });
  }

  /** No trace of it and no timer is left. */
  vanish(): void {
    this.#become('stopped', 'lost');
  }

  async ended(): Promise<void> {
    while (this.phase !== 'stopped') await once(this.#events, 'change');
  }

  async *logs(offset: number, follow: boolean, signal?: AbortSignal): AsyncGenerator<Buffer> {
    for (let at = offset; ; ) {
      signal?.throwIfAborted();
      const bytes = this.#output.subarray(at);
      at += bytes.length;
      if (bytes.length > 0) yield bytes;
      else if (!follow || this.phase === 'stopped') return;
      else await once(this.#events, 'change', signal === undefined ? {} : { signal });
    }
  }

  #again(how: string): void {
    this.restarts += 1;
    this.lastEnd = this.restarts === 1 ? how : `${how}, ${this.restarts} times`;
    this.#become('backoff', this.lastEnd);
    this.#after(this.#times.backoffMs, () => this.start());
  }

  #stopped(reason: string | null = null): void {
    if (this.phase === 'stopped') return;
    this.endedAt = Date.now();
    this.#become('stopped', reason);
  }

  /** Every change of phase ends what the phase before had still coming. */
  #become(phase: Phase, reason: string | null): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.phase = phase;
    this.reason = reason;
    this.#events.emit('change');
  }

  #after(ms: number, action: () => void): void {
    if (ms !== Number.POSITIVE_INFINITY) this.#timers.add(setTimeout(action, ms).unref());
  }

  #print(text: string): void {
    this.#output = Buffer.concat([this.#output, Buffer.from(text)]);
    this.#events.emit('change');
  }
}
