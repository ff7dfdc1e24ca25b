import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessTable, Row } from '../machine/table.ts';

/** What belongs to a process: the session and group of its shim, and whoever inherited its marker, or at least its log. */
export interface Group {
  /** Null when the shim's death lies so far back that its pid may be somebody else's group by now: then only marker and log count. */
  readonly leader: { readonly pid: number; readonly start: string } | null;
  readonly marker: string;
  /** fileId of the log; null when it does not matter. */
  readonly out: string | null;
  /** fileId of the pipe that leads to the log; null when there is none: then the leader's children are the command, not the shim. */
  readonly pipe: string | null;
}

/** Those of the machine's processes that belong to the group; never this supervisor or its keeper. */
export function membersOf(rows: readonly Row[], group: Group): Row[] {
  const leader = group.leader;
  // As long as one member lives the kernel gives its group's number to nobody else: a leader with another start means a new group.
  const reused = leader !== null && rows.some((row) => row.pid === leader.pid && row.start !== leader.start);
  return rows.filter(
    (row) =>
      row.pid !== process.pid &&
      row.pid !== process.ppid &&
      (row.marker === group.marker ||
        (row.marker === null && row.prints.some((file) => file === group.out || file === group.pipe)) ||
        (leader !== null && !reused && (row.group === leader.pid || row.session === leader.pid))),
  );
}

/** The shim: it records how the command ended, and reads what was printed till then. It ends by itself when all others have. */
function isShim(row: Row, { leader, pipe }: Group): boolean {
  return leader !== null && (row.pid === leader.pid || (pipe !== null && row.parent === leader.pid));
}

export async function livingMembers(table: ProcessTable, group: Group): Promise<Row[]> {
  return membersOf(await table.look(), group).filter((row) => table.startOf(row.pid) === row.start);
}

export interface EndingPlan {
  readonly signal: NodeJS.Signals;
  /** Asked anew in each round: a second stop may shorten the grace. Milliseconds since 1970. */
  readonly killAt: () => number;
  /** Called right after the first signals were sent. */
  readonly onSignalled?: () => void;
  /** Called when members survive SIGKILL, with the reason in plain words. */
  readonly onStuck?: (reason: string) => void;
}

/** After the first SIGKILL the shim is spared for a while. */
const shimSparedForMs = 500;
const stuckAfterMs = 5_000;

/** Ends the whole group: the signal, and from `killAt` on SIGKILL. Resolves when nothing of it is left. */
export async function endGroup(table: ProcessTable, group: Group, plan: EndingPlan): Promise<void> {
  const asked = new Set<string>();
  let pauseMs = 5;
  let firstKill: number | null = null;
  for (;;) {
    const members = await livingMembers(table, group);
    if (members.length === 0) return;
    const now = Date.now();
    if (now < plan.killAt()) {
      askToEnd(members, group, plan.signal, asked);
      plan.onSignalled?.();
    } else if (firstKill === null || now - firstKill < shimSparedForMs) {
      firstKill ??= now;
      for (const row of members) if (!isShim(row, group)) signalOne(table, row, 'SIGKILL');
    } else {
      const { leader } = group;
      if (leader !== null && members.some((row) => row.group === leader.pid)) signal(-leader.pid, 'SIGKILL');
      for (const row of members) signalOne(table, row, 'SIGKILL');
      if (now - firstKill > stuckAfterMs) plan.onStuck?.(whyStuck(table, members));
    }
    await delay(Math.max(1, firstKill === null ? Math.min(pauseMs, plan.killAt() - now) : pauseMs));
    pauseMs = Math.min(pauseMs * 2, firstKill !== null && now - firstKill > stuckAfterMs ? 1_000 : 50);
  }
}

/**
 * The group gets the signal once and whole (the shim does not mind), others of its session one by one. Those who left the session are asked when it is empty but for the shim:
 * till then it is their parent's to end them (a signal at a wrong moment hurts PostgreSQL's children). Each is asked once.
 */
function askToEnd(members: readonly Row[], group: Group, name: NodeJS.Signals, asked: Set<string>): void {
  const leader = group.leader?.pid;
  const session = members.filter((row) => row.group === leader || row.session === leader);
  for (const row of session.some((row) => !isShim(row, group)) ? session : members) {
    const target = row.group === leader ? -row.group : row.pid;
    const id = `${target} ${row.group === leader ? '' : row.start}`;
    if (asked.has(id)) continue;
    asked.add(id);
    signal(target, name);
  }
}

function signalOne(table: ProcessTable, row: Row, name: NodeJS.Signals): void {
  if (table.startOf(row.pid) === row.start) signal(row.pid, name);
}

/** Whoever is gone needs no signal; whoever may not be signalled is reported by whyStuck. */
function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch {}
}

function whyStuck(table: ProcessTable, members: readonly Row[]): string {
  const names = members.slice(0, 3).map((row) => `pid ${row.pid} (${table.commandOf(row.pid)})`);
  return `cannot be ended: ${names.join(', ')}: it belongs to another user, or hangs in the kernel`;
}
