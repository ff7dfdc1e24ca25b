import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { World } from '../world.ts';
import { until } from './patience.ts';

/** What became of an order. */
export interface Taken {
  readonly pid: number;
  /** In ms since 1970. */
  readonly at: number;
}

const Config = z.looseObject({
  system: z.array(z.looseObject({ name: z.string(), spec: z.looseObject({ env: z.record(z.string(), z.string()) }) })),
});

/** Crashes ordered at named places of the running parts. */
export class Orders {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Before `up`: the supervisor inherits from it where to look for orders. */
  static prepare(world: World): Orders {
    const folder = join(world.folder, 'failpoints');
    mkdirSync(folder, { recursive: true });
    world.env.TOWPATH_FAILPOINTS = folder;
    return new Orders(folder);
  }

  /** After `up`: starts servers and router anew, told where to look. A later `up` makes them forget it again. */
  async announce(world: World): Promise<void> {
    const path = join(world.data, 'config/supervisor.json');
    const config = Config.parse(JSON.parse(readFileSync(path, 'utf8')));
    const told = config.system.filter(({ name }) => name !== 'postgres');
    for (const { spec } of told) spec.env.TOWPATH_FAILPOINTS = this.#folder;
    writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 });
    for (const { name } of told) await world.withSupervisor((supervisor) => supervisor.restartSystem(name));
    await until('the parts that were told are up', async () => {
      const { ok } = await world.client.call('health');
      return ok ? true : null;
    });
  }

  /** The first process that passes this place ends there; with SIGSTOP it freezes. */
  give(place: string, signal: 'SIGKILL' | 'SIGSTOP' = 'SIGKILL'): void {
    this.withdraw(place);
    writeFileSync(join(this.#folder, place), signal);
  }

  /** Who obeyed; null while nobody has passed. */
  taken(place: string): Taken | null {
    const name = readdirSync(this.#folder).find((each) => each.startsWith(`${place}.`) && /\.\d+$/.test(each));
    if (name === undefined || name.replace(/\.\d+$/, '') !== place) return null;
    return { pid: Number(name.slice(place.length + 1)), at: statSync(join(this.#folder, name)).ctimeMs };
  }

  /** Nobody ends there any more. */
  withdraw(place: string): void {
    for (const name of readdirSync(this.#folder)) {
      if (name === place || name.replace(/\.\d+$/, '') === place) rmSync(join(this.#folder, name), { force: true });
    }
  }
}
