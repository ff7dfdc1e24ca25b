import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { World } from '../e2e/world.ts';
import type { Row } from './row.ts';

/** Something that is measured. */
export interface Bench {
  readonly summary: string;
  /** It is given up after so long. */
  readonly limitMs: number;
  run(scope: Scope): Promise<Row[]>;
}

/** This machine lacks what a bench needs: its rows are left out, which is no failure. */
export class Unable extends Error {}

/** What a bench sets up, so that all of it ends with the bench, however that ends. */
export class Scope {
  readonly #endings: (() => unknown)[] = [];
  #over = false;

  /** Called when the bench is over, the last one first; at once when it is over already. */
  defer(ending: () => unknown): void {
    if (this.#over) ending();
    else this.#endings.push(ending);
  }

  /** An empty folder to install Towpath in. Throws `Unable` where the machine cannot. */
  world(): World {
    if (!existsSync('/proc/self/environ')) throw new Unable('needs Linux: what is left behind is told from /proc');
    if (spawnSync('git', ['--version']).status !== 0) throw new Unable('needs git');
    const world = World.create();
    this.defer(() => world.end());
    return world;
  }

  /** Throws the first failure of an ending, after all of them. */
  async end(): Promise<void> {
    this.#over = true;
    const failures: unknown[] = [];
    for (const ending of this.#endings.splice(0).reverse()) {
      try {
        await ending();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Runs a bench to its end, its time limit or the signal; nothing of it runs afterwards. Throws why there are no rows. */
export async function perform(bench: Bench, signal: AbortSignal): Promise<Row[]> {
  const scope = new Scope();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`gave up after ${bench.limitMs / 1000} s`)), bench.limitMs);
  const interrupt = (): void => reject(new Error('interrupted'));
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  try {
    return await Promise.race([stopped, bench.run(scope)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
    await scope.end();
  }
}
