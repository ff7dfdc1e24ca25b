import type { Parts } from '../artifacts/parts.ts';
import type { ServerConfig } from '../config.ts';
import type { Actor } from '../domain/access/policy.ts';
import type { Executor } from '../executors/executor.ts';
import type { Toolchains } from '../executors/toolchains.ts';
import type { Logs } from '../logs/logs.ts';
import type { Platform } from '../platforms/platform.ts';
import type { Sealer } from '../rollouts/house.ts';
import type { Source } from '../sources/source.ts';
import type { Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import type { EventTail } from '../store/event-tail.ts';
import type { TrafficRouter } from '../traffic/router.ts';

/** What the operations need of the rest, handed in by main. */
export interface House {
  readonly db: Db;
  readonly changes: Changes;
  readonly events: EventTail;
  readonly config: ServerConfig;
  readonly source: Source;
  readonly platform: Platform;
  readonly executor: Executor;
  readonly logs: Logs;
  readonly toolchains: Toolchains;
  readonly router: TrafficRouter;
  readonly secrets: Sealer;
  /** Where files of a commit lie while they are looked at. */
  readonly parts: Parts;
  /** What is not well with this server, in plain words. */
  readonly problems: () => string[];
}

export type { Actor };
