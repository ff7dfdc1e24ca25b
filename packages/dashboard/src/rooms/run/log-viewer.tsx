import type { TestReport } from '@towpath/contract';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { type LogOf, rawLog } from '../../live/log-source.ts';
import { Problem } from '../../parts/notice.tsx';
import { useStore } from '../../transport/store.ts';
import { firstFailure } from '../../words/first-failure.ts';
import type { LogLink } from '../../words/log-link.ts';
import styles from './log.module.css';
import { LogBar } from './log-bar.tsx';
import { LogRows, type RowsHandle } from './log-rows.tsx';
import { showInLog } from './show-in-log.ts';
import { useLog } from './use-log.ts';

interface ViewerProps {
  readonly of: LogOf;
  readonly running: boolean;
  readonly failed: boolean;
  readonly report: TestReport | null;
  /** The lines that the address names, from 1. */
  readonly lines: LogLink['lines'];
  readonly setLines: (lines: LogLink['lines']) => void;
}

/** A log as it is written: searched, linked line by line, followed until somebody scrolls up. */
export function LogViewer({ of, running, failed, report, lines: linked, setLines }: ViewerProps) {
  const { lines, version, whole, error } = useLog(of.run, of.stage, of.attempt);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [wrap, setWrap] = useState(() => matchMedia('(max-width: 720px)').matches);
  const [times, setTimes] = useState(false);
  const [following, setFollowing] = useState(running && linked === null);
  const [marked, setMarked] = useState<number | null>(null);
  const rows = useRef<RowsHandle>(null);
  const wanted = useDeferredValue(query);
  const seen = useDeferredValue(version);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version stands for what the lines hold
  const matches = useMemo(() => lines.search(wanted.trim()), [lines, seen, wanted]);

  // Once: where somebody begins to read.
  const begun = useRef(false);
  useEffect(() => {
    const goal = linked === null ? (whole && failed ? firstFailure(lines, report) : null) : linked[0] - 1;
    if (begun.current || goal === null || lines.count <= goal) return;
    begun.current = true;
    if (linked === null) setMarked(goal);
    rows.current?.show(goal);
  });

  const wish = useStore(showInLog);
  useEffect(() => {
    if (wish === null) return;
    showInLog.set(null);
    const [line] = lines.search(wish.text, 1);
    if (line === undefined) return;
    setFollowing(false);
    setMarked(line);
    rows.current?.show(line, true);
  }, [wish, lines]);

  const goTo = (next: number): void => {
    if (matches.length === 0) return;
    const index = (next + matches.length) % matches.length;
    setAt(index);
    setFollowing(false);
    rows.current?.show(matches[index] ?? 0);
  };
  return (
    <div className={styles.log}>
      <LogBar
        query={query}
        setQuery={(text) => {
          setQuery(text);
          setAt(0);
        }}
        at={at}
        matches={matches.length}
        goTo={goTo}
        count={lines.count}
        wrap={wrap}
        setWrap={setWrap}
        times={times}
        setTimes={lines.at(0) === null ? null : setTimes}
        raw={rawLog(of)}
        following={running ? following : null}
        follow={() => setFollowing(!following)}
      />
      {error !== null && <Problem error={error} />}
      <LogRows
        ref={rows}
        lines={lines}
        version={version}
        wrap={wrap}
        times={times}
        query={wanted.trim()}
        current={matches[at] ?? null}
        marked={linked ?? (marked === null ? null : [marked + 1, marked + 1])}
        following={running && following}
        setFollowing={setFollowing}
        choose={(line, extend) => {
          setFollowing(false);
          begun.current = true;
          const first = extend && linked !== null ? Math.min(linked[0], line) : line;
          const last = extend && linked !== null ? Math.max(linked[0], line) : line;
          setLines([first, last]);
        }}
      />
      {lines.count === 0 && error === null && (
        <p className={styles.nothing}>
          {whole ? 'It printed nothing.' : running ? 'Nothing is printed yet.' : 'Asking for the log…'}
        </p>
      )}
    </div>
  );
}
