import type { RecentTraffic, TrafficView } from '@towpath/contract';
import pc from 'picocolors';
import { duration, faint, type Output, strong } from '../output.ts';

/** `412 rps  0.02 %  p95 84 ms` */
export function recentText({ perSecond, errorRate, p95Ms }: RecentTraffic): string {
  const errors = errorRate === 0 ? faint('0 %') : pc.red(percent(errorRate));
  return `${rate(perSecond)}  ${errors}${p95Ms === null ? '' : faint(`  p95 ${time(p95Ms)}`)}`;
}

/** Requests a second: `1.2k rps`, `412 rps`, `0.4 rps`; what is rarer by the minute or hour: `3/min`. */
export function rate(perSecond: number): string {
  if (perSecond >= 1_000) return `${(perSecond / 1_000).toFixed(1)}k rps`;
  if (perSecond >= 10) return `${Math.round(perSecond)} rps`;
  if (perSecond >= 0.1) return `${perSecond.toFixed(1)} rps`;
  const perMinute = perSecond * 60;
  return perMinute >= 1 || perMinute === 0 ? `${Math.round(perMinute)}/min` : `${Math.ceil(perMinute * 60)}/h`;
}

/** A part of the whole; what is not nothing never looks like it. */
export function percent(part: number): string {
  const percents = part * 100;
  if (percents === 0) return '0 %';
  return percents < 0.01 ? '<0.01 %' : `${percents >= 10 ? Math.round(percents) : Number(percents.toFixed(2))} %`;
}

const time = (ms: number | null): string => (ms === null ? '–' : ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms));

const headings = ['', 'requests', 'rate', 'failed', 'p50', 'p95', 'p99'];

/** The releases beside each other; `last`: how far back, as it was asked for. */
export function renderTraffic(output: Output, view: TrafficView, last: string): void {
  output.line(`${strong(`${view.service} ${view.environment}`)}  ${faint(`last ${last}`)}`);
  if (view.releases.length === 0) {
    output.line('No request came.');
    return;
  }
  const rows = view.releases.map(({ version, live, requests, perSecond, failed, errorRate, p50Ms, p95Ms, p99Ms }) => [
    `v${version}${live ? ' ←' : ''}`,
    String(requests),
    rate(perSecond),
    failed === 0 ? '0' : `${failed} (${percent(errorRate)})`,
    time(p50Ms),
    time(p95Ms),
    time(p99Ms),
  ]);
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  for (const [index, line] of lines.entries()) output.line(`  ${index === 0 ? faint(line) : line}`);
  for (const note of notes(view)) output.line(`  ${faint(note)}`);
}

/** What the columns don't tell. */
function notes({ releases }: TrafficView): string[] {
  return releases.flatMap(({ version, failed, failures, aborted, streams }) => {
    const { service, router, broken } = failures;
    const parts = [
      ...(failed === 0
        ? []
        : [`failed: ${service} by the service, ${router} without one that answered, ${broken} broken off`]),
      ...(aborted === 0 ? [] : [`${aborted} left by their clients`]),
      ...(streams === 0 ? [] : [`${streams} streams, which are not timed`]),
    ];
    return parts.length === 0 ? [] : [`v${version}  ${parts.join('; ')}`];
  });
}
