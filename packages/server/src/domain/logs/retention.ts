const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long what is printed is kept. */
export interface LogRetention {
  /** Of what went well, in hours after its day. */
  readonly goodHours: number;
  /** Of what failed, and the end of every log, in days after its day. */
  readonly keptDays: number;
}

/** Which days' partitions are to be dropped, and which are to be there. Days are `2026-11-21`, UTC. */
export interface DayPlan {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly dropKept: readonly string[];
}

/**
 * A day is dropped as a whole when its last moment is older than what is kept. Today's and tomorrow's are made before they are needed.
 */
export function planDays(
  now: Date,
  days: readonly string[],
  keptDays: readonly string[],
  retention: LogRetention,
): DayPlan {
  const at = now.getTime();
  const wanted = [at, at + dayMs].map((each) => new Date(each).toISOString().slice(0, 10));
  const isOver = (day: string, ms: number): boolean => Date.parse(day) + dayMs + ms <= at;
  return {
    add: wanted.filter((day) => !days.includes(day)),
    drop: days.filter((day) => isOver(day, retention.goodHours * hourMs)),
    dropKept: keptDays.filter((day) => isOver(day, retention.keptDays * dayMs)),
  };
}
