import type { StreamPiece, TrafficView } from '@towpath/contract';
import { knownUntil, windowOf } from '../domain/traffic/summary.ts';
import { lookMs } from '../insights/collector.ts';
import { Bell } from '../store/changes.ts';
import { releaseById } from '../store/releases.ts';
import { trafficOf } from '../store/traffic-series.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { releaseTraffic } from './show/traffic.ts';
import { findTarget, type TargetReference } from './target.ts';

/** What the releases of a target did for their users lately. */
export const traffic = operation(
  'read',
  (house, _actor, input: TargetReference & { seconds: number }): Promise<TrafficView> => trafficNow(house, input),
);

/** So often it is told again although nothing was counted, in ms: time goes on. */
const quietMs = 10_000;

/** The same now and whenever more was counted, until the signal. A message is whole: whoever comes again needs none of before. */
export const streamTraffic = operation(
  'read',
  async (house, _actor, input: TargetReference & { seconds: number; signal: AbortSignal }) => {
    const first = await trafficNow(house, input);
    return follow();

    async function* follow(): AsyncGenerator<StreamPiece<'streamTraffic'>> {
      const bell = new Bell();
      const silence = house.changes.on('traffic', () => bell.ring());
      const abort = () => bell.ring();
      input.signal.addEventListener('abort', abort, { once: true });
      try {
        for (let view = first; ; view = await trafficNow(house, input)) {
          yield { id: Date.parse(view.to), data: view };
          await bell.heard(quietMs);
          input.signal.throwIfAborted();
        }
      } finally {
        silence();
        input.signal.removeEventListener('abort', abort);
      }
    }
  },
);

async function trafficNow(
  house: Pick<House, 'db'>,
  input: TargetReference & { readonly seconds: number },
): Promise<TrafficView> {
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
}
