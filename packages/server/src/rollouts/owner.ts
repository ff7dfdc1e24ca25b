import type { ObservedReplica } from '../platforms/platform.ts';
import type { Act } from './act.ts';

/**
 * Does the process that answers the router on the replica's address belong to the replica? Null when it does, else the reason in
 * plain words. What a service says of itself is not asked.
 */
export async function checkOwner(act: Act, replica: ObservedReplica): Promise<string | null> {
  if (replica.address === null || !('port' in replica.address)) return null;
  const { port } = replica.address;
  const answer = await act.probe({ to: { address: replica.address }, path: act.release.config.health.path });
  if (!answer.ok)
    return `replica ${replica.index + 1} was healthy and answers no more: ${answer.error ?? `status ${answer.status}`}`;
  const ownership = await act.owns(replica.id, port, answer.localPort);
  return ownership.belongs
    ? null
    : `port ${port} is answered by ${ownership.other ?? 'somebody else'}, not by this release`;
}
