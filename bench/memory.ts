import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, Unable } from './bench.ts';
import { atMost, plain } from './row.ts';

/** What starting took is given back within this time, or it is what idling takes. */
const settleMs = 15_000;
const lookMs = 1_000;
/** So many looks without a change of 1 % say that it has come to rest. */
const calmLooks = 3;

/** What an installation without services takes: the proportional set size of all its processes, PostgreSQL's buffers among them. */
export const memory: Bench = {
  summary: 'memory of all processes of an idle installation',
  limitMs: 120_000,
  async run(scope) {
    if (!existsSync('/proc/self/smaps_rollup')) throw new Unable('needs /proc/<pid>/smaps_rollup');
    const world = scope.world();
    await world.up();
    const measure = (): number => sum(world.processes().map(({ pid }) => pssMegabytes(pid)));
    const until = performance.now() + settleMs;
    let total = measure();
    for (let calm = 0; calm < calmLooks && performance.now() < until; ) {
      await pause(lookMs);
      const now = measure();
      calm = Math.abs(now - total) < total / 100 ? calm + 1 : 0;
      total = now;
    }
    const parts = new Map(
      Object.entries(await world.pids()).flatMap(([name, pid]) => (pid === null ? [] : [[pid, name]])),
    );
    const byPart = Map.groupBy(world.processes(), ({ pid }) => partOf(pid, parts));
    return [
      atMost(350, { name: 'memory', value: total, unit: 'MB' }),
      ...[...byPart].map(([part, processes]) =>
        plain({ name: `memory-${part}`, value: sum(processes.map(({ pid }) => pssMegabytes(pid))), unit: 'MB' }),
      ),
    ];
  },
};

/** In 10⁶ bytes; shared pages count for each by its share. 0 for one that has ended. */
function pssMegabytes(pid: number): number {
  try {
    const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return (Number(kibibytes ?? 0) * 1024) / 1e6;
  } catch {
    if (!existsSync(`/proc/${pid}`)) return 0;
    throw new Unable(`process ${pid} may not be looked into`);
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

/** The part that a process is, or was started by. */
function partOf(pid: number, parts: ReadonlyMap<number, string>): string {
  for (let each = pid; each > 1; each = parentOf(each)) {
    const part = parts.get(each);
    if (part !== undefined) return part;
  }
  return 'keeper';
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // It has ended.
  }
}
