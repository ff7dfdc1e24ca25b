import type { TestReport } from '@towpath/contract';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import type { LogSource } from '../../live/log-source.ts';
import { useStore } from '../../transport/store.ts';
import { firstFailure } from '../../words/first-failure.ts';
import type { LogLink } from '../../words/log-link.ts';
import { Problem } from '../notice.tsx';
import styles from './log.module.css';
import { LogBar } from './log-bar.tsx';
import { LogRows, type RowsHandle } from './log-rows.tsx';
import { showInLog } from './show-in-log.ts';
import { useFound } from './use-found.ts';
import type { Log } from './use-log.ts';

interface ViewerProps {
  readonly log: Log;
  /** Null: nobody but the browser can search it. */
  readonly source: LogSource | null;
  readonly raw: string;
  readonly running: boolean;
  readonly failed?: boolean;
  readonly report?: TestReport | null;
  /** What the address names, and how to name others; null: lines have no address. */
  readonly link: {
    /** From 1. */
    readonly lines: LogLink['lines'];
    readonly setLines: (lines: LogLink['lines']) => void;
  } | null;
  /** How the one is called that printed a line, where several do. */
  readonly nameOf?: ((source: string) => string) | null;
}

/** A log as it is written: searched, linked line by line, followed until somebody scrolls up. */
export function LogViewer({ log, source, raw, running, failed, report, link, nameOf = null }: ViewerProps) {
  const { lines, version, whole, error } = log;
  const linked = link?.lines ?? null;
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [wrap, setWrap] = useState(() => matchMedia('(max-width: 720px)').matches);
  const [times, setTimes] = useState(false);
  const [following, setFollowing] = useState(running && linked === null);
  const [marked, setMarked] = useState<number | null>(null);
  /** A line that is to be shown as soon as it is there. */
  const [awaited, setAwaited] = useState<number | null>(null);
  const rows = useRef<RowsHandle>(null);
  const wanted = useDeferredValue(query).trim();
  const found = useFound(log, source, wanted);
  const current = found.lines[at] ?? null;

  // Once: where somebody begins to read.
  const begun = useRef(false);
  useEffect(() => {
    const first = whole && failed === true ? firstFailure(lines, report ?? null) : null;
    const goal = linked === null ? first : linked[0] - 1;
    if (begun.current || goal === null || lines.count <= goal) return;
    begun.current = true;
    if (linked === null) setMarked(goal);
    rows.current?.show(goal);
  });

  useEffect(() => {
    if (awaited === null || lines.count <= awaited) return;
    setAwaited(null);
    rows.current?.show(awaited);
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
    const count = found.lines.length;
    if (count === 0) return;
    const index = (next + count) % count;
    setAt(index);
    setFollowing(false);
    setAwaited(found.lines[index] ?? null);
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
        found={found}
        goTo={goTo}
        count={lines.count}
        wrap={wrap}
        setWrap={setWrap}
        times={times}
        setTimes={lines.at(0) === null ? null : setTimes}
        raw={raw}
        following={running ? following : null}
        follow={() => setFollowing(!following)}
      />
      {current !== null && <Unseen line={current} text={found.textOf(current)} />}
      {error !== null && <Problem error={error} />}
      {found.error !== null && <Problem error={found.error} />}
      <LogRows
        ref={rows}
        lines={lines}
        version={version}
        wrap={wrap}
        times={times}
        query={wanted}
        current={current}
        marked={linked ?? (marked === null ? null : [marked + 1, marked + 1])}
        following={running && following}
        setFollowing={setFollowing}
        nameOf={nameOf}
        choose={
          link === null
            ? null
            : (line, extend) => {
                setFollowing(false);
                begun.current = true;
                const first = extend && linked !== null ? Math.min(linked[0], line) : line;
                const last = extend && linked !== null ? Math.max(linked[0], line) : line;
                link.setLines([first, last]);
              }
        }
      />
      {lines.count === 0 && error === null && (
        <p className={styles.nothing}>
          {whole ? 'It printed nothing.' : running ? 'Nothing is printed yet.' : 'Asking for the log…'}
        </p>
      )}
    </div>
  );
}

/** A match that the server knows, in a line that is still on its way. */
const Unseen = ({ line, text }: { readonly line: number; readonly text: string | null }) =>
  text === null ? null : (
    <p className={styles.unseen}>
      <span className="faint">Line {(line + 1).toLocaleString('en')}, not loaded yet</span>
      <code className="cut">{text}</code>
    </p>
  );
