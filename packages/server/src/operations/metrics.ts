import { monitorEventLoopDelay } from 'node:perf_hooks';
import { releaseIdOf } from '../domain/rollout/route.ts';
import { openWork, releaseNames } from '../store/metrics.ts';
import { version } from '../version.ts';
import type { House } from './house.ts';
import { operation } from './operation.ts';
import { type Counting, exposition, type Family, trafficFamilies } from './show/metrics.ts';

/** What monitoring reads: the routers' own counters, and how this server is. */
export const metrics = operation('read', async (house): Promise<AsyncIterable<Buffer>> => {
  const [counting, work] = await Promise.all([countings(house), openWork(house.db)]);
  const statuses = ['queued', 'waiting', 'running'];
  const open: Family = {
    name: 'towpath_open',
    type: 'gauge',
    help: 'Runs and deployments that have not ended; those that are queued are the queue.',
    samples: ['run', 'deployment'].flatMap((kind) =>
      statuses.map((status) => ({
        labels: { kind, status },
        value: work.find((each) => each.kind === kind && each.status === status)?.count ?? 0,
      })),
    ),
  };
  const up: Family = {
    name: 'towpath_router_up',
    type: 'gauge',
    help: '1: the router answers.',
    samples: [{ labels: {}, value: counting === null ? 0 : 1 }],
  };
  const text = exposition([up, open, ...serverFamilies(house), ...trafficFamilies(counting ?? [])]);
  return once(Buffer.from(text));
});

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}

/** Of the routers that run; null: none answers. */
async function countings(house: Pick<House, 'db' | 'router'>): Promise<Counting[] | null> {
  const observed = await house.router.observe().catch(() => null);
  if (observed === null) return null;
  const told = observed.instances.filter(({ running }) => running).flatMap(({ releases }) => Object.entries(releases));
  const names = await releaseNames(
    house.db,
    told.flatMap(([key]) => releaseIdOf(key) ?? []),
  );
  return told.flatMap(([key, stats]) => {
    const name = names.get(releaseIdOf(key) ?? 0);
    if (name === undefined) return [];
    const { project, service, environment } = name;
    return [{ labels: { project, service, environment, release: `v${name.version}` }, stats }];
  });
}

const resolutionMs = 100;
/** Measured from the first question on: who is not asked does not measure. */
let delays: ReturnType<typeof monitorEventLoopDelay> | null = null;

function serverFamilies({ config }: Pick<House, 'config'>): Family[] {
  const labels = { server: config.name };
  const gauge = (name: string, help: string, value: number): Family => ({
    ...{ name, help, type: 'gauge' },
    samples: [{ labels, value }],
  });
  const { user, system } = process.cpuUsage();
  const cpu: Family = {
    ...{
      name: 'towpath_server_cpu_seconds_total',
      type: 'counter',
      help: 'Processor time of the server that answers.',
    },
    samples: [{ labels, value: (user + system) / 1e6 }],
  };
  return [
    { ...gauge('towpath_info', 'The version.', 1), samples: [{ labels: { ...labels, version }, value: 1 }] },
    gauge('towpath_server_memory_bytes', 'Resident memory of the server that answers.', process.memoryUsage.rss()),
    cpu,
    ...eventLoopFamilies(labels),
  ];
}

/** The delay of the event loop since the last question. */
function eventLoopFamilies(labels: Readonly<Record<string, string>>): Family[] {
  if (delays === null) {
    delays = monitorEventLoopDelay({ resolution: resolutionMs });
    delays.enable();
    return [];
  }
  const late = (nanos: number): number => Math.max(0, nanos / 1e9 - resolutionMs / 1_000);
  const samples =
    delays.count === 0
      ? []
      : [0.5, 0.99].map((share) => ({
          labels: { ...labels, quantile: String(share) },
          value: late(delays?.percentile(share * 100) ?? 0),
        }));
  delays.reset();
  const help = 'How late the event loop of the server that answers was, since the metrics were asked for before.';
  return [{ name: 'towpath_server_event_loop_delay_seconds', type: 'gauge', help, samples }];
}
