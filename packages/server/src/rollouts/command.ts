import { type End, follow } from '../commands/follow.ts';
import type { Claim } from '../domain/claim.ts';
import type { StageCommand } from '../executors/executor.ts';
import type { Mask } from '../secrets/mask.ts';
import type { Topic } from '../store/changes.ts';
import type { RolloutHouse } from './house.ts';

/** What a command gets between the polite request and the end by force. */
const graceMs = 10_000;

/** Where to look for somebody's wish that a command ends, after every change of the thing. */
export type WishAt<W> = readonly [topic: Topic, id: number, look: () => Promise<W | null>];

/** A release's command, and where what it prints is kept. */
export interface ReleaseCommand {
  readonly key: string;
  readonly command: StageCommand;
  readonly claim: Claim;
  readonly log: { readonly key: string; readonly mask: Mask };
}

/** Follows a release's command to its end, which comes sooner when somebody wishes it. */
export async function commandEnd<W>(
  house: Pick<RolloutHouse, 'executor' | 'logs' | 'changes'>,
  command: ReleaseCommand,
  [topic, id, look]: WishAt<W>,
): Promise<End<W>> {
  const over = new AbortController();
  const wish = house.changes.until(topic, id, look, { signal: over.signal });
  try {
    return await follow(house, { ...command, graceMs, kind: 'command' }, wish);
  } finally {
    over.abort();
  }
}
