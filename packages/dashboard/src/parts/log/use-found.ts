import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import type { FoundLines, LogSource } from '../../live/log-source.ts';
import { keys } from '../../live/queries.ts';
import { merged } from '../../words/merged.ts';
import type { Log } from './use-log.ts';

/** A word is looked for when nobody typed for this long, in ms. */
const typingMs = 250;

export interface Found {
  /** Lines from 0, ascending; some may not have come yet. */
  readonly lines: readonly number[];
  /** There are others that nobody counted. */
  readonly more: boolean;
  /** What such a line says; null: it has come, or is not known. */
  readonly textOf: (line: number) => string | null;
  /** Somebody is still looking. */
  readonly looking: boolean;
  readonly error: unknown;
}

/** Looks for `text` in the lines that came, and has the server look in those that did not, or came in part only. */
export function useFound({ lines, version, whole }: Log, source: LogSource | null, text: string): Found {
  const asked = useCalm(text);
  const wanted = source !== null && source.find !== null && asked !== '' && (!whole || lines.hasCut);
  const { data, error, isFetching } = useQuery<FoundLines>({
    enabled: wanted,
    queryKey: keys.found(source?.key ?? '', asked),
    queryFn: ({ signal }) => source?.find?.(asked, signal) ?? { matches: [], more: false },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  const remote = wanted && asked === text ? data : undefined;
  const seen = useDeferredValue(version);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the lines hold
  const here = useMemo(() => lines.search(text), [lines, seen, text]);
  const all = useMemo(() => merged(here, remote?.matches.map(({ line }) => line - 1) ?? []), [here, remote]);
  return {
    lines: all,
    more: remote?.more ?? false,
    textOf: (line) =>
      line < lines.count ? null : (remote?.matches.find((each) => each.line === line + 1)?.text ?? null),
    looking: text !== '' && (isFetching || (wanted && asked !== text)),
    error: wanted ? error : null,
  };
}

/** The text, once it has stayed the same for a moment. */
function useCalm(text: string): string {
  const [calm, setCalm] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(text), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  return calm;
}
