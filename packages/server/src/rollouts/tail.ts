import type { ObservedReplica } from '../platforms/platform.ts';
import { createMask } from '../secrets/mask.ts';
import type { Act } from './act.ts';
import { releaseSecrets } from './release-secrets.ts';

/** Enough to see why a program ended. */
const tailBytes = 4_000;

/** The end of what a replica of the new release printed, without the release's secrets. */
export function tail(act: Act, replica: ObservedReplica): Promise<string> {
  return tailOf(act, act.house.platform.logs(replica.id, 0));
}

/** The end of an output of the new release, without its secrets. */
export async function tailOf(act: Act, output: AsyncIterable<Uint8Array>): Promise<string> {
  const mask = createMask(Object.values(releaseSecrets(act.house.secrets, act.release))).stream();
  let kept = Buffer.alloc(0);
  const keep = (piece: Uint8Array) => {
    kept = Buffer.concat([kept, piece]).subarray(-tailBytes);
  };
  for await (const chunk of output) keep(mask.push(chunk));
  keep(mask.flush());
  return kept.toString('utf8');
}
