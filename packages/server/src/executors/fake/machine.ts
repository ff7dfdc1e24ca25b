import { EventEmitter, once } from 'node:events';
import { Fence } from '../../domain/claim.ts';
import { Faults } from '../../faults.ts';
import type { StageCommand } from '../executor.ts';
import type { Script } from '../script.ts';
import { VirtualCommand } from './command.ts';

/** What can go wrong with a fake machine. Tests set the fields at any time. */
export interface MachineKnobs {
  /** How long accepting a command takes, on top. */
  acceptMs: number;
  /** Does this command's exit get lost? */
  losesExit: (key: string) => boolean;
  /** What a command does. Normally: `['fake', <script as JSON>]` acts it out, a program in /no/such/ is not found, any other exits with 0. */
  script: (command: StageCommand, key: string) => Script;
}

/** The part that outlives driver instances: one machine, any number of FakeExecutors on it. */
export class FakeMachine {
  readonly commands = new Map<string, VirtualCommand>();
  readonly faults = new Faults('supervisor_away', 'the fake machine');
  readonly fence = new Fence();
  readonly knobs: MachineKnobs = {
    acceptMs: 0,
    losesExit: () => false,
    script: scriptOf,
  };
  readonly #gates = new Set<string>();
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #marks = new Map<string, (() => boolean)[]>();

  start(key: string, command: StageCommand, scope: string): void {
    const { losesExit, script } = this.knobs;
    const started = new VirtualCommand(
      scope,
      command,
      {
        mark: (name, alive) => this.#marks.set(name, [...(this.#marks.get(name) ?? []), alive]),
        gate: async (name, signal) => {
          while (!this.#gates.has(name)) await once(this.#events, 'gate', { signal });
        },
      },
      losesExit(key),
    );
    this.commands.set(key, started);
    started.begin(script(command, key));
  }

  /** Lets every script go on that waits at this gate, now or later. */
  open(gate: string): void {
    this.#gates.add(gate);
    this.#events.emit('gate');
  }

  /** How often a script came by this mark, and how many of the processes that did are alive. */
  marks(name: string): { count: number; alive: number } {
    const marks = this.#marks.get(name) ?? [];
    return { count: marks.length, alive: marks.filter((alive) => alive()).length };
  }
}

function scriptOf({ argv }: StageCommand): Script {
  if (argv[0] === 'fake') return JSON.parse(argv[1] ?? '[]');
  if (argv[0].startsWith('/no/such/'))
    return [
      { do: 'print', text: `${argv[0]}: not found\n` },
      { do: 'exit', code: 127 },
    ];
  return [];
}
