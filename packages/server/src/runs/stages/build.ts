import { join } from 'node:path';
import { refuseOutside } from '../../artifacts/links.ts';
import { patiently } from '../../engine/patience.ts';
import { failpoint } from '../../failpoints.ts';
import { type ArtifactRow, artifactByDigest, keepArtifact } from '../../store/releases.ts';
import { updateRun } from '../../store/runs.ts';
import { repositoryOf } from '../../store/services.ts';
import { type Attempt, outcome, type StageOutcome } from '../act.ts';
import { runScript } from '../command.ts';
import { dependencies } from '../dependencies.ts';
import { settingsOf } from '../settings.ts';
import { serviceFolder } from '../workspace.ts';

/**
 * Builds once, in a fresh checkout at the bundle's final place (virtual environments don't move), then seals it: from here on the
 * digest names it, for every environment.
 */
export async function build(attempt: Attempt): Promise<StageOutcome> {
  const { act } = attempt;
  const { house, run, service } = act;
  const { settings } = await settingsOf(act);
  const place = house.bundles.place(service.id, `${run.id}-${attempt.number}`);
  // What this attempt made was recorded before a crash.
  if (run.artifactDigest !== null) return kept(attempt, place, await artifactByDigest(house.db, run.artifactDigest));
  const known = await patiently(() => house.executor.observe(attempt.key));
  const sealed = await house.bundles.sealed(place);
  if (known === null && sealed === null) await house.source.checkout(repositoryOf(service), run.commit, place);
  failpoint('build.placed');
  const folder = serviceFolder(place, settings.folder);
  const installed = await dependencies(attempt, place, settings.install || null, known === null && sealed === null);
  const lines = [...installed.lines, ...(typeof settings.build === 'string' ? [settings.build] : [])];
  if (lines.length > 0) {
    const built = await runScript(attempt, folder, lines, installed.env);
    if (built.status !== 'succeeded') {
      await house.bundles.remove(house.bundles.location(place));
      return built;
    }
  }
  if (settings.static !== undefined) await refuseOutside(place, join(settings.folder, settings.static));
  const seal = await house.bundles.seal(place);
  failpoint('build.sealed');
  const artifact = await act.write(async (tx) => {
    const row = await keepArtifact(tx, {
      digest: seal.digest,
      serviceId: service.id,
      kind: 'bundle',
      commit: run.commit,
      location: house.bundles.location(place),
      bytes: seal.bytes,
      builtBy: run.id,
    });
    await updateRun(tx, run.id, { artifactDigest: row.digest });
    return row;
  });
  failpoint('build.kept');
  return kept(attempt, place, artifact);
}

/** When another build had made the same bytes, its place is the one that counts. */
async function kept({ act }: Attempt, place: string, artifact: ArtifactRow): Promise<StageOutcome> {
  const { bundles } = act.house;
  if (artifact.location !== bundles.location(place)) await bundles.remove(bundles.location(place));
  return outcome('succeeded');
}
