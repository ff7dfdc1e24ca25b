import type { TrafficView } from '@towpath/contract';
import { knownUntil, windowOf } from '../domain/traffic/summary.ts';
import { lookMs } from '../insights/collector.ts';
import { releaseById } from '../store/releases.ts';
import { trafficOf } from '../store/traffic-series.ts';
import { operation } from './operation.ts';
import { releaseTraffic } from './show/traffic.ts';
import { findTarget, type TargetReference } from './target.ts';

/** What the releases of a target did for their users lately. */
export const traffic = operation(
  'read',
  async (house, _actor, input: TargetReference & { seconds: number }): Promise<TrafficView> => {
    const target = await findTarget(house.db, input);
    const now = Date.now();
    const asked = windowOf(now, input.seconds);
    const points = await trafficOf(house.db, target.row.id, asked);
    const last = points.length === 0 ? null : Math.max(...points.map(({ until }) => until));
    const window = { ...asked, to: knownUntil(last, now) };
    const { releaseId } = target.row;
    const live = releaseId === null ? null : (await releaseById(house.db, releaseId)).version;
    const byVersion = [...Map.groupBy(points, ({ version }) => version)].sort(([a], [b]) => b - a);
    return {
      service: target.service.name,
      environment: target.environment.name,
      from: new Date(window.from).toISOString(),
      to: new Date(window.to).toISOString(),
      pointSeconds: window.pointMs / 1_000,
      delayMs: lookMs,
      releases: byVersion.map(([version, own]) => releaseTraffic(version, version === live, own, window)),
    };
  },
);
