import type { RecentTraffic } from '@towpath/contract';

/** `0.4`, `41`, `1.2k`: requests a second in as few letters as tell enough. */
export function rate(perSecond: number): string {
  if (perSecond >= 1_000) return `${(perSecond / 1_000).toFixed(1)}k`;
  return perSecond >= 10 ? `${Math.round(perSecond)}` : `${Number(perSecond.toFixed(1))}`;
}

/** `0.02 %` of a part from 0 to 1. */
export const percent = (part: number): string => `${Number((part * 100).toFixed(part < 0.001 ? 2 : 1))} %`;

/** `412 rps, 0.02 %` */
export const trafficLine = ({ perSecond, errorRate }: RecentTraffic): string =>
  `${rate(perSecond)} rps, ${percent(errorRate)}`;

/** `412 requests a second, 0.02 % failed, p95 84 ms`, over the last minute. */
export const trafficSentence = ({ perSecond, errorRate, p95Ms }: RecentTraffic): string =>
  [
    `${rate(perSecond)} requests a second`,
    `${percent(errorRate)} failed`,
    ...(p95Ms === null ? [] : [`p95 ${Math.round(p95Ms)} ms`]),
  ].join(', ');
