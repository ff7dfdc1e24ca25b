import { SegmentedControl } from '@mantine/core';
import type { ServiceDetail } from '@towpath/contract';
import { useMemo, useState } from 'react';
import { useTraffic } from '../live/use-traffic.ts';
import { LineChart } from '../parts/line-chart.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { chartsOf } from '../words/chart.ts';
import { serviceKey } from '../words/path.ts';
import styles from './service-traffic.module.css';

const spans: readonly { readonly value: string; readonly label: string; readonly words: string }[] = [
  { value: '900', label: '15 min', words: '15 minutes' },
  { value: '10800', label: '3 h', words: '3 hours' },
  { value: '86400', label: '24 h', words: '24 hours' },
];
/** Where the axes end at the lowest: requests a second, a part of all requests, ms. */
const least = [1, 0.01, 10];

/** What users get: how many requests, how many fail, how long they take, the newest release beside the one before. */
export function ServiceTraffic({ service }: { readonly service: ServiceDetail }) {
  const served = service.environments.filter(({ release, replicas }) => release !== null && replicas > 0);
  const [chosen, setChosen] = useState<string | null>(null);
  const target = served.find(({ environment }) => environment === chosen) ?? served.at(-1);
  const [span, setSpan] = useState(spans[0]?.value ?? '');
  if (target === undefined) return null;
  return (
    <Section
      title="Traffic"
      beside={
        <span className={styles.choices}>
          <SegmentedControl size="xs" aria-label="Time" value={span} onChange={setSpan} data={[...spans]} />
          {served.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label="Traffic of"
              value={target.environment}
              onChange={setChosen}
              data={served.map(({ environment }) => environment)}
            />
          )}
        </span>
      }
    >
      <Charts
        key={`${target.environment} ${span}`}
        service={serviceKey(service.project, service.name)}
        environment={target.environment}
        url={target.url}
        span={span}
      />
    </Section>
  );
}

interface ChartsProps {
  readonly service: string;
  readonly environment: string;
  readonly url: string;
  readonly span: string;
}

function Charts({ service, environment, url, span }: ChartsProps) {
  const { view, error } = useTraffic(service, environment, Number(span));
  const [cursor, setCursor] = useState<number | null>(null);
  const found = useMemo(() => (view === null ? null : chartsOf(view)), [view]);
  if (error !== null) return <Problem error={error} />;
  if (found === null) return <div className={styles.waiting} />;
  if (found.releases.length === 0)
    return (
      <Empty
        title={`No request came in the last ${spans.find(({ value }) => value === span)?.words}`}
        commands={[`curl ${url}`]}
      />
    );
  return (
    <div className={styles.charts}>
      {found.charts.map((chart, index) => (
        <LineChart
          key={chart.title}
          chart={chart}
          releases={found.releases}
          times={found.times}
          least={least[index] ?? 1}
          cursor={cursor === null ? null : Math.min(cursor, found.times.length - 1)}
          setCursor={setCursor}
        />
      ))}
    </div>
  );
}
