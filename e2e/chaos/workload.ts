import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDetail } from '@towpath/contract';
import type { World } from '../world.ts';

/** Stages that run a command of the service, with so many lines and pauses between them in seconds. */
const stages = {
  prepare: { option: '--install', lines: 3, betweenS: 0.02 },
  quality: { option: '--quality', lines: 5, betweenS: 0.02 },
  unit: { option: '--test', lines: 30, betweenS: 0.04 },
  build: { option: '--build', lines: 5, betweenS: 0.04 },
} as const;
export type CommandStage = keyof typeof stages;
const commandStages = Object.keys(stages) as CommandStage[];

/**
 * What the stages' commands do: they note their start and end in a file that Towpath knows nothing of, and print numbered lines in
 * between. So it shows from outside whether one ran twice, and whether its log is whole.
 */
export class Workload {
  readonly #file: string;

  constructor(world: World) {
    this.#file = join(world.folder, 'ran');
  }

  /** The words for `towpath init`. A commit with a file `broken` does not pass its tests. */
  get words(): string[] {
    return commandStages.flatMap((stage) => [stages[stage].option, this.#command(stage)]);
  }

  /** How often a run's stage began and ended. */
  count(run: number, stage: CommandStage): { started: number; ended: number } {
    const lines = this.#lines();
    const times = (what: string) => lines.filter((line) => line === `${run} ${stage} ${what}`).length;
    return { started: times('start'), ended: times('end') };
  }

  /** What the log of a stage that passed must be, byte for byte. */
  log(stage: CommandStage): string {
    // The build installs anew, in its own checkout.
    const before = stage === 'build' ? this.log('prepare') : '';
    const numbered = Array.from({ length: stages[stage].lines }, (_, index) => `${stage} line ${index + 1}\n`);
    return `${before}$ ${this.#command(stage)}\n${numbered.join('')}`;
  }

  /** What is wrong with the stages of a run that has ended; empty when nothing is. */
  async faults(world: World, run: RunDetail): Promise<string[]> {
    const faults: string[] = [];
    for (const stage of run.stages) {
      const kind = commandStages.find((each) => each === stage.kind);
      if (kind === undefined) continue;
      const name = `run #${run.run} ${kind}`;
      const { started, ended } = this.count(run.run, kind);
      const passed = stage.attempts.filter((attempt) => attempt.status === 'succeeded');
      if (started > stage.attempts.length)
        faults.push(`${name} ran ${started} times in ${stage.attempts.length} attempts`);
      if (ended < passed.length) faults.push(`${name} succeeded ${passed.length} times and ended ${ended} times`);
      for (const { attempt } of passed) {
        const text = await logOf(world, run.run, kind, attempt);
        if (text !== this.log(kind)) faults.push(`${name}: its log is not whole:\n${text}`);
      }
    }
    return faults;
  }

  #command(stage: CommandStage): string {
    const { lines, betweenS } = stages[stage];
    // Dependencies are installed by prepare in its workspace, and again by the build.
    const name = stage === 'prepare' ? '$(case $PWD in */workspaces/*) echo prepare;; *) echo install;; esac)' : stage;
    const note = (what: string) => `echo "$TOWPATH_RUN ${name} ${what}" >> '${this.#file}'`;
    const print = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "${stage} line $i"; sleep ${betweenS}; done`;
    const check = stage === 'unit' ? ' test ! -e broken;' : '';
    return `${note('start')}; ${print};${check} ${note('end')}`;
  }

  #lines(): string[] {
    return existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n') : [];
  }
}

async function logOf(world: World, run: number, stage: string, attempt: number): Promise<string> {
  const bytes = await world.client.stream('runLog', { params: { run }, query: { stage, attempt } });
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
