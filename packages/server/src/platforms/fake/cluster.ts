import { EventEmitter, once } from 'node:events';
import type { TowpathError } from '@towpath/contract';
import { Fence } from '../../domain/claim.ts';
import { Faults } from '../../faults.ts';
import type { DesiredProcess } from '../platform.ts';
import { type ReplicaName, replicaId } from '../replicas.ts';
import type { AppAnswer, AppScript } from '../script.ts';
import { VirtualReplica } from './replica.ts';

/** What can go wrong on a fake cluster. Tests set the fields at any time. */
export interface ClusterKnobs {
  /** Every apply throws this. */
  refuses: TowpathError | null;
  /** Every remove throws this. */
  refusesRemoval: TowpathError | null;
  /** How long a replica of this release takes until it listens; Infinity: it never does. */
  startMs: (release: string) => number;
  /** How long a crashed replica waits for its next start. */
  backoffMs: number;
  /** What an app does. Normally: `['fake', <script as JSON>]` acts it out, any other http process listens on $PORT, any other worker nowhere. */
  script: (process: DesiredProcess, release: string) => AppScript;
}

const firstPort = 20_000;

/** The part that outlives driver instances: one cluster, any number of FakePlatforms on it. */
export class FakeCluster {
  readonly replicas = new Map<string, VirtualReplica>();
  readonly faults = new Faults('supervisor_away', 'the fake cluster');
  readonly fence = new Fence();
  readonly knobs: ClusterKnobs = {
    refuses: null,
    refusesRemoval: null,
    startMs: () => 0,
    backoffMs: 5,
    script: scriptOf,
  };
  readonly #gates = new Set<string>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  #ports = firstPort;

  start(name: ReplicaName, process: DesiredProcess): void {
    const { startMs, backoffMs, script } = this.knobs;
    const port = this.#ports;
    this.#ports += 1;
    const replica = new VirtualReplica(name, structuredClone(process), port, {
      script: script(process, name.release),
      times: { startMs: startMs(name.release), backoffMs },
      gate: async (gate) => {
        while (!this.#gates.has(gate)) await once(this.#events, 'gate');
      },
    });
    this.replicas.set(replicaId(name), replica);
    replica.start();
  }

  /** It is gone as if its machine were: nobody knows it any more, and nothing starts it again but the next apply. */
  lose(id: string): void {
    this.replicas.get(id)?.vanish();
    this.replicas.delete(id);
  }

  /** Lets every app go on that waits at this gate, now or later. */
  open(gate: string): void {
    this.#gates.add(gate);
    this.#events.emit('gate');
  }

  /** The replica that takes requests on this port. */
  listener(port: number): VirtualReplica | null {
    return [...this.replicas.values()].find((replica) => replica.listens.includes(port)) ?? null;
  }

  /** What a request to this port is answered; null when nobody listens. */
  ask(port: number): AppAnswer | null {
    const replica = this.listener(port);
    if (replica === null) return null;
    return { life: replica.life, cwd: replica.process.cwd, env: replica.env };
  }
}

function scriptOf({ argv, type }: DesiredProcess): AppScript {
  if (argv[0] === 'fake') return JSON.parse(argv[1] ?? '{}');
  return { listens: type === 'http' ? 'PORT' : 'nowhere', onTerm: 'end' };
}
