import type { InstanceStats } from '@towpath/contract/router';
import { releaseIdOf } from '../rollout/route.ts';
import { type Counted, countedOf, countedSince, further, isNothing, nothingCounted, shares } from './counted.ts';

/** The series is kept in steps of so long … */
export const stepMs = 10_000;
/** … for so long, and then in steps of a minute … */
export const fineMs = 2 * 3_600_000;
export const minuteMs = 60_000;
/** … for so long. */
export const coarseMs = 8 * 24 * 3_600_000;

/** What one start of a router has counted so far; `running`: it counts on. */
export interface Look extends InstanceStats {
  readonly running: boolean;
}

/** What was known of a start of a router before a look. */
export interface Before {
  /** When it was looked at last, in ms since 1970; null: never. */
  readonly lookedAt: number | null;
  /** What it had counted then, by the release's id. */
  readonly seen: ReadonlyMap<number, Omit<SeenCounts, 'release'>>;
}

/** What a release was counted in one step of the series. */
export interface StepCounts {
  readonly release: number;
  /** The beginning of the step, in ms since 1970. */
  readonly at: number;
  /** How far into the step it was looked. */
  readonly until: number;
  readonly counted: Counted;
}

/** How far the counts of a start of a router were taken over. */
export interface SeenCounts {
  readonly release: number;
  /** ReleaseStats.since */
  readonly since: number;
  readonly counted: Counted;
}

/**
 * What a look adds to the series, and what is known from then on. Each request gets into the series once, whoever looks how often: what is
 * added is what was not seen before. It belongs to the time since the last look. Where that is long (the server was away), it is shared out
 * evenly over that time, at most over what the series keeps in fine steps.
 */
export function collect(look: Look, before: Before, now: number): { steps: StepCounts[]; seen: SeenCounts[] } {
  const to = look.running ? now : Math.min(now, Date.parse(look.at));
  const from = Math.min(to, Math.max(Date.parse(look.startedAt), before.lookedAt ?? 0, to - fineMs));
  const steps: StepCounts[] = [];
  const seen: SeenCounts[] = [];
  for (const [key, stats] of Object.entries(look.releases)) {
    const release = releaseIdOf(key);
    if (release === null) continue;
    const known = before.seen.get(release);
    // Somebody has seen a later counting already.
    if (known !== undefined && known.since > stats.since) continue;
    const then = known?.since === stats.since ? known.counted : nothingCounted;
    const all = countedOf(stats);
    const more = countedSince(then, all);
    if (isNothing(more)) continue;
    seen.push({ release, since: stats.since, counted: further(then, all) });
    steps.push(...sharedOut(release, more, from, to));
  }
  return { steps, seen };
}

function sharedOut(release: number, counted: Counted, from: number, to: number): StepCounts[] {
  const last = Math.floor(to / stepMs) * stepMs;
  // A usual look comes soon after the one before: what lies on both sides of a step's beginning is not worth two rows.
  const first = to - from <= stepMs ? last : Math.floor(from / stepMs) * stepMs;
  const parts = shares(counted, (last - first) / stepMs + 1);
  return parts.flatMap((part, index) => {
    const at = first + index * stepMs;
    return isNothing(part) ? [] : [{ release, at, until: Math.min(to, at + stepMs), counted: part }];
  });
}
