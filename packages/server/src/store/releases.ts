import { TowpathError } from '@towpath/contract';
import { ReleaseConfig, type ReleaseConfigInput } from '../domain/release/config.ts';
import { isAnyOf } from './any-of.ts';
import type { Db } from './connect.ts';
import { and, desc, eq, lt, lte, sql } from './drizzle.ts';
import type { RunRow } from './runs.ts';
import { artifacts, configEntries, releases, runs } from './schema.ts';
import type { Target } from './targets.ts';

type Stored = typeof releases.$inferSelect;
export interface ReleaseRow extends Omit<Stored, 'config'> {
  readonly config: ReleaseConfig;
}
export type NewRelease = Omit<typeof releases.$inferInsert, 'id' | 'version' | 'createdAt' | 'config'> & {
  readonly config: ReleaseConfigInput;
};
export type ConfigRow = typeof configEntries.$inferSelect;

const releaseRow = (row: Stored): ReleaseRow => ({ ...row, config: ReleaseConfig.parse(row.config) });

/** The next version of its target. Call it in a transaction that holds the target's row (`lockTarget`). */
export async function insertRelease(db: Db, release: NewRelease): Promise<ReleaseRow> {
  const next = db
    .select({ version: sql<number>`coalesce(max(${releases.version}), 0) + 1` })
    .from(releases)
    .where(eq(releases.targetId, release.targetId));
  const [row] = await db
    .insert(releases)
    .values({ ...release, config: ReleaseConfig.parse(release.config), version: sql`(${next})` })
    .returning();
  if (row === undefined) throw new Error('the release was not written');
  return releaseRow(row);
}

export async function releaseById(db: Db, id: number): Promise<ReleaseRow> {
  const [row] = await db.select().from(releases).where(eq(releases.id, id));
  if (row === undefined) throw new TowpathError('unknown_release', `there is no release with id ${id}`);
  return releaseRow(row);
}

export async function releaseByVersion(db: Db, target: Target, version: number): Promise<ReleaseRow> {
  const [row] = await db
    .select()
    .from(releases)
    .where(and(eq(releases.targetId, target.row.id), eq(releases.version, version)));
  if (row === undefined) {
    const { service, environment } = target;
    throw new TowpathError('unknown_release', `${service.name} has no release v${version} in ${environment.name}`);
  }
  return releaseRow(row);
}

/** By their ids; those that are not there are left out. */
export async function releasesById(db: Db, ids: readonly (number | null)[]): Promise<Map<number, ReleaseRow>> {
  const known = kept.get(db) ?? new Map<number, ReleaseRow>();
  kept.set(db, known);
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const missing = wanted.filter((id) => !known.has(id));
  const found = missing.length === 0 ? [] : await db.select().from(releases).where(isAnyOf(releases.id, missing));
  const answer = new Map<number, ReleaseRow>();
  for (const row of found) known.set(row.id, releaseRow(row));
  for (const id of wanted) {
    const row = known.get(id);
    if (row !== undefined) answer.set(id, row);
  }
  for (const id of known.keys()) {
    if (known.size <= mostKept) break;
    known.delete(id);
  }
  return answer;
}

/** A release never changes, and reading its config costs more than its row. Of each pool, so that tests don't share them. */
const kept = new WeakMap<Db, Map<number, ReleaseRow>>();
const mostKept = 5_000;

/** Newest first, those under version `before`. */
export async function listReleases(db: Db, targetId: number, limit: number, before?: number): Promise<ReleaseRow[]> {
  const rows = await db
    .select()
    .from(releases)
    .where(and(eq(releases.targetId, targetId), before === undefined ? undefined : lt(releases.version, before)))
    .orderBy(desc(releases.version))
    .limit(limit);
  return rows.map(releaseRow);
}

/**
 * The run that built what a release of this service runs; null when it is not known any more. A rollback has that of the release that it
 * copies; a change of config and a promotion have none of their own: theirs is the newest one before them that built the same.
 */
export async function runThatBuilt(db: Db, serviceId: number, release: ReleaseRow): Promise<RunRow | null> {
  const { runId, copiedFrom, artifactDigest, commit, createdAt } = release;
  if (runId === null && copiedFrom !== null) {
    return runThatBuilt(db, serviceId, await releaseById(db, copiedFrom));
  }
  const built = and(eq(runs.artifactDigest, artifactDigest), eq(runs.commit, commit), lte(runs.createdAt, createdAt));
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.serviceId, serviceId), runId === null ? built : eq(runs.id, runId)))
    .orderBy(desc(runs.id))
    .limit(1);
  return row ?? null;
}

export async function countReleases(db: Db, targetId: number): Promise<number> {
  return db.$count(releases, eq(releases.targetId, targetId));
}

export async function readConfig(db: Db, targetId: number): Promise<ConfigRow[]> {
  return db.select().from(configEntries).where(eq(configEntries.targetId, targetId)).orderBy(configEntries.key);
}

export async function writeConfig(
  db: Db,
  targetId: number,
  key: string,
  entry: { value: string } | { sealed: Buffer },
  changedBy: string,
): Promise<void> {
  const value = 'value' in entry ? entry.value : null;
  const sealed = 'sealed' in entry ? entry.sealed : null;
  await db
    .insert(configEntries)
    .values({ targetId, key, value, sealed, changedBy })
    .onConflictDoUpdate({
      target: [configEntries.targetId, configEntries.key],
      set: { value, sealed, changedBy, changedAt: new Date() },
    });
}

export async function removeConfig(db: Db, targetId: number, key: string): Promise<boolean> {
  const gone = await db
    .delete(configEntries)
    .where(and(eq(configEntries.targetId, targetId), eq(configEntries.key, key)))
    .returning({ key: configEntries.key });
  return gone.length > 0;
}

/** Config and secrets, all of a target. */
export async function removeAllConfig(db: Db, targetId: number): Promise<void> {
  await db.delete(configEntries).where(eq(configEntries.targetId, targetId));
}

export type ArtifactRow = typeof artifacts.$inferSelect;

/** Remembers an artifact; the same digest again keeps the first one's place. Answers with the row that counts. */
export async function keepArtifact(db: Db, artifact: typeof artifacts.$inferInsert): Promise<ArtifactRow> {
  await db.insert(artifacts).values(artifact).onConflictDoNothing();
  return artifactByDigest(db, artifact.digest);
}

export async function artifactByDigest(db: Db, digest: string): Promise<ArtifactRow> {
  const [row] = await db.select().from(artifacts).where(eq(artifacts.digest, digest));
  if (row === undefined) throw new TowpathError('artifact_gone', `there is no artifact ${digest}`);
  if (row.collectedAt !== null) throw new TowpathError('artifact_gone', `artifact ${digest} was collected`);
  return row;
}
