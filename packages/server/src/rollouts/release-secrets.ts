import { z } from 'zod';
import type { ReleaseRow } from '../store/releases.ts';
import { releaseSecretsContext } from './desired.ts';
import type { Sealer } from './house.ts';

const Secrets = z.record(z.string(), z.string());

/** A release's secrets, by name, as they were when it was made. */
export function releaseSecrets(sealer: Sealer, release: ReleaseRow): Record<string, string> {
  return Secrets.parse(JSON.parse(sealer.open(releaseSecretsContext(release.targetId), release.sealed)));
}
