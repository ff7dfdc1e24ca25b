import { bucketFloorMs, bucketMs, bucketOf } from '@towpath/contract/histogram';
import type { ReleaseStats } from '@towpath/contract/router';

/** One value with its labels. */
export interface Sample {
  /** Behind the family's name: `_bucket`. */
  readonly suffix?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** In the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats); families without a sample are left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${written(labels)} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

function written(labels: Sample['labels']): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return all.length === 0 ? '' : `{${all.join(',')}}`;
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`);

/** What one release was counted, and who it is. */
export interface Counting {
  readonly labels: Readonly<Record<string, string>>;
  readonly stats: ReleaseStats;
}

/** Ends of buckets in ms, each of which is the beginning of one of ours, so that no time is on the wrong side: 1 ms to 65.5 s. */
const ends = Array.from({ length: 17 }, (_, power) => 2 ** power);

/** Users' requests. Counts begin at 0 with each start of the router. */
export function trafficFamilies(all: readonly Counting[]): Family[] {
  const counter = (name: string, help: string, count: (stats: ReleaseStats) => number): Family => ({
    ...{ name, help, type: 'counter' },
    samples: all.map(({ labels, stats }) => ({ labels, value: count(stats) })),
  });
  return [
    {
      name: 'towpath_requests_total',
      type: 'counter',
      help: 'Requests of users by the class of the status that they got; other: a switch of protocols, or a client that left before.',
      samples: all.flatMap(({ labels, stats }) =>
        Object.entries(byStatus(stats)).map(([status, value]) => ({ labels: { ...labels, status }, value })),
      ),
    },
    counter(
      'towpath_router_errors_total',
      'Errors that the router gave in place of the service; in 5xx too.',
      (stats) => stats.routerErrors,
    ),
    counter('towpath_broken_answers_total', 'Answers that broke off before their end.', (stats) => stats.broken),
    counter(
      'towpath_aborted_requests_total',
      'Requests whose client left before the end of the answer.',
      (stats) => stats.aborted,
    ),
    counter(
      'towpath_streams_total',
      'WebSockets, event streams and answers of over 10 s; not timed.',
      (stats) => stats.streams,
    ),
    {
      name: 'towpath_request_duration_seconds',
      type: 'histogram',
      help: 'From the arrival of a request to the last byte of its answer; the sum is exact to 1.6 %.',
      samples: all.flatMap(({ labels, stats }) => durations(labels, stats.latencies)),
    },
  ];
}

function byStatus({ requests, status2xx, status3xx, status4xx, status5xx }: ReleaseStats): Record<string, number> {
  const other = requests - status2xx - status3xx - status4xx - status5xx;
  return { '2xx': status2xx, '3xx': status3xx, '4xx': status4xx, '5xx': status5xx, other };
}

function durations(labels: Counting['labels'], latencies: ReleaseStats['latencies']): Sample[] {
  const below = new Map(ends.map((end) => [bucketOf(end), 0]));
  let count = 0;
  let sumMs = 0;
  for (let at = 0; at + 1 < latencies.length; at += 2) {
    const [bucket, times] = [latencies[at] ?? 0, latencies[at + 1] ?? 0];
    count += times;
    sumMs += times * bucketMs(bucket);
    for (const [end, sum] of below) if (bucket < end) below.set(end, sum + times);
  }
  const bucket = (le: string, value: number): Sample => ({ suffix: '_bucket', labels: { ...labels, le }, value });
  return [
    ...[...below].map(([end, value]) => bucket(String(bucketFloorMs(end) / 1_000), value)),
    bucket('+Inf', count),
    { suffix: '_sum', labels, value: sumMs / 1_000 },
    { suffix: '_count', labels, value: count },
  ];
}
