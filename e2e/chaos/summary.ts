import type { Round } from './chaos.ts';
import type { Visitors } from './visitors.ts';

/** What the rounds came to, as a table. */
export function summary(rounds: readonly Round[], visitors: Pick<Visitors, 'total' | 'failures'>): string {
  const parts = [...new Set(rounds.flatMap(({ died }) => died))].sort();
  const rows = parts.map((part) => {
    const times = rounds.flatMap(({ died, backMs }) => backMs.filter((_, index) => died[index] === part));
    return [part, String(times.length), ...spread(times)];
  });
  const outages = rounds.flatMap(({ outageMs }) => (outageMs === null ? [] : [outageMs]));
  rows.push(['users without an answer', String(outages.length), ...spread(outages)]);
  const faulty = rounds.filter(({ faults }) => faults.length > 0).length;
  const kills = rounds.reduce((sum, { died }) => sum + died.length, 0);
  return [
    ...table([['killed', 'times', 'back p50', 'back max'], ...rows]),
    '',
    `${kills} kills in ${rounds.length} rounds, ${faulty} of them with faults`,
    `${visitors.total} requests of users, ${visitors.failures.length} failed, all others well`,
  ].join('\n');
}

function spread(times: readonly number[]): [string, string] {
  const sorted = times.toSorted((a, b) => a - b);
  const inSeconds = (ms: number | undefined) => (ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`);
  return [inSeconds(sorted[Math.floor(sorted.length / 2)]), inSeconds(sorted.at(-1))];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
