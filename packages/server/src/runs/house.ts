import type { Bundles } from '../artifacts/bundles.ts';
import type { Caches } from '../artifacts/caches/caches.ts';
import type { Downloads } from '../artifacts/caches/downloads.ts';
import type { FileView } from '../domain/detect/files.ts';
import type { ReleaseConfig } from '../domain/release/config.ts';
import type { Semaphore } from '../engine/semaphore.ts';
import type { Executor } from '../executors/executor.ts';
import type { Toolchains } from '../executors/toolchains.ts';
import type { Logs } from '../logs/logs.ts';
import type { Source } from '../sources/source.ts';
import type { Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import type { DeploymentRow } from '../store/deployments.ts';
import type { Target } from '../store/targets.ts';

/** What the runs need of the rest, handed in by main. */
export interface RunHouse {
  readonly db: Db;
  readonly changes: Changes;
  readonly executor: Executor;
  /** Where what commands print is kept. */
  readonly logs: Pick<Logs, 'store'>;
  readonly toolchains: Toolchains;
  readonly source: Source;
  readonly bundles: Bundles;
  readonly caches: Caches;
  readonly downloads: Downloads;
  /** Commands that run at once on this server. */
  readonly slots: Semaphore;
  /** Absolute; one folder a run below it. */
  readonly workspaces: string;
  /** What every stage inherits: PATH and the like. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** The files of a commit: of the whole repository, for what a workspace declares lies above the service's folder. */
  readonly view: (folder: string) => FileView;
  /** Writes a release and its deployment in the caller's transaction. */
  readonly requestRelease: (db: Db, request: RunRelease) => Promise<DeploymentRow>;
}

export interface RunRelease {
  readonly target: Target;
  readonly artifactDigest: string;
  readonly commit: string;
  readonly runId: number;
  /** The log that its deployment is told in: that of the stage which asks for it. */
  readonly logKey: string;
  readonly requestedBy: string;
  readonly config: Omit<ReleaseConfig, 'variables'>;
  /** Of http, should it be the first release there. */
  readonly replicas: number;
}
