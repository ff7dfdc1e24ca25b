import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { age, ago, clock, duration, exact, until } from '../words/time.ts';

/** Now, again every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

interface AtProps {
  readonly at: string;
}

const Told = ({ at, text }: AtProps & { readonly text: string }) => (
  <Tooltip label={exact(at)} openDelay={300}>
    <time dateTime={at}>{text}</time>
  </Tooltip>
);

/** `12 min ago`, with the exact time on hovering. */
export const Ago = ({ at }: AtProps) => <Told at={at} text={ago(at, useNow(5_000))} />;
/** `12 min`: for how long. */
export const For = ({ at }: AtProps) => <Told at={at} text={age(Math.max(0, useNow(5_000) - Date.parse(at)))} />;
/** `in 3 d` */
export const Until = ({ at }: AtProps) => <Told at={at} text={until(at, useNow(5_000))} />;

interface TookProps {
  readonly from: string;
  /** Null: it still runs, and the clock ticks. */
  readonly to: string | null;
}

const Ticking = ({ from }: { readonly from: string }) => clock(useNow(1_000) - Date.parse(from));

export const Took = ({ from, to }: TookProps) => (
  <span>{to === null ? <Ticking from={from} /> : duration(Date.parse(to) - Date.parse(from))}</span>
);
