import type { Executor } from '../executors/executor.ts';
import type { Toolchains } from '../executors/toolchains.ts';
import type { Logs } from '../logs/logs.ts';
import type { Platform } from '../platforms/platform.ts';
import type { Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import type { TrafficRouter } from '../traffic/router.ts';
import type { Publisher } from './publisher.ts';

/** What the rollouts need of the rest, handed in by main. */
export interface RolloutHouse {
  readonly db: Db;
  readonly changes: Changes;
  readonly platform: Platform;
  readonly executor: Executor;
  /** Where what commands print, and what is done, is kept. */
  readonly logs: Pick<Logs, 'store'>;
  readonly toolchains: Pick<Toolchains, 'isThere'>;
  readonly router: TrafficRouter;
  readonly publisher: Publisher;
  readonly secrets: Sealer;
  /** The absolute folder of an artifact's location. */
  readonly artifactFolder: (location: string) => string;
  /** The absolute folder that an environment keeps for a service over its releases; makes it. */
  readonly dataFolder: (serviceId: number, environmentId: number) => Promise<string>;
  /** The command that serves a folder of files on $PORT. */
  readonly serveFolder: (folder: string) => readonly [string, ...string[]];
  /** What every replica inherits: PATH and the like. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly domain: string;
  /** How long a new worker must run without an end; `workerSteadyMs` when absent. */
  readonly steadyMs?: number;
}

/** Encrypts for the store; the context (`target/7/KEY`) must be the same at both ends. */
export interface Sealer {
  seal(context: string, plaintext: string): Buffer;
  open(context: string, sealed: Buffer): string;
}
