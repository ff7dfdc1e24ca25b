import type { ListedRelease } from '@towpath/contract';
import { type Made, releaseChanges } from '../domain/release/changes.ts';
import { releaseSecrets } from '../rollouts/release-secrets.ts';
import { type ReleaseRow, releasesById, listReleases as releasesOf } from '../store/releases.ts';
import { titlesOfRuns } from '../store/run-list.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { releaseViews } from './show/deployment.ts';
import { findTarget, type TargetReference } from './target.ts';

/** Newest first, each with what it changed against the one before. */
export const listReleases = operation(
  'read',
  async (
    house,
    _actor,
    input: TargetReference & { before?: number | undefined; limit: number },
  ): Promise<{ releases: ListedRelease[]; next: number | null }> => {
    const target = await findTarget(house.db, input);
    // One more than is shown: what the last one of them is compared with.
    const rows = await releasesOf(house.db, target.row.id, input.limit + 1, input.before);
    const shown = rows.slice(0, input.limit);
    const views = await releaseViews(house.db, shown, ({ id }) => id === target.row.releaseId);
    const titles = await titlesOf(house, shown);
    const made = rows.map((row) => madeOf(house, row));
    const releases = views.map((view, index) => {
      const [now, before] = [made[index], made[index + 1]];
      return {
        ...view,
        title: titles.get(shown[index]?.id ?? 0) ?? null,
        changes: now === undefined || before === undefined ? null : releaseChanges(before, now),
      };
    });
    return { releases, next: shown.length < input.limit ? null : (shown.at(-1)?.version ?? null) };
  },
);

const madeOf = ({ secrets }: House, row: ReleaseRow): Made => ({
  version: row.version,
  artifact: row.artifactDigest,
  commit: row.commit,
  config: row.config,
  secrets: releaseSecrets(secrets, row),
});

/** By release: what its commit is about, from the run that made it or what it copies. */
async function titlesOf({ db }: House, rows: readonly ReleaseRow[]): Promise<Map<number, string>> {
  const copied = await releasesById(
    db,
    rows.map(({ copiedFrom }) => copiedFrom),
  );
  const runOf = ({ runId, copiedFrom }: ReleaseRow): number | null =>
    runId ?? (copiedFrom === null ? null : (copied.get(copiedFrom)?.runId ?? null));
  const titles = await titlesOfRuns(db, [...new Set(rows.flatMap((row) => runOf(row) ?? []))]);
  return new Map(
    rows.flatMap((row) => {
      const title = titles.get(runOf(row) ?? 0);
      return title === undefined ? [] : [[row.id, title] as const];
    }),
  );
}
