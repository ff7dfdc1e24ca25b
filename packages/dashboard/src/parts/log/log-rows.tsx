import { useVirtualizer } from '@tanstack/react-virtual';
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { Lines } from '../../words/log-lines.ts';
import type { LogLink } from '../../words/log-link.ts';
import { timeOfDay } from '../../words/time.ts';
import styles from './log.module.css';
import { LogLine } from './log-line.tsx';

export interface RowsHandle {
  /** Brings a line (from 0) into sight; `page` also brings the log itself into sight. */
  show(line: number, page?: boolean): void;
}

interface RowsProps {
  readonly ref: Ref<RowsHandle>;
  readonly lines: Lines;
  readonly version: number;
  readonly wrap: boolean;
  readonly times: boolean;
  readonly query: string;
  /** The match that is looked at. */
  readonly current: number | null;
  readonly marked: LogLink['lines'];
  readonly following: boolean;
  readonly setFollowing: (following: boolean) => void;
  /** Null: lines have no address, and no number. */
  readonly choose: ((line: number, extend: boolean) => void) | null;
  /** How the one is called that printed a line; null: there is one only. */
  readonly nameOf: ((source: string) => string) | null;
}

const lineHeight = 20;
/** What stands above the line that is shown. */
const linesBefore = 3;
/** So near to the end counts as the end, in pixels. */
const nearEnd = 24;

export function LogRows({
  ref,
  lines,
  version,
  wrap,
  times,
  query,
  current,
  marked,
  following,
  setFollowing,
  choose,
  nameOf,
}: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const count = lines.count;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  useImperativeHandle(ref, () => ({
    show: (line, page) => {
      // The box has its height only after the lines are drawn that it was made for.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => virtual.scrollToIndex(Math.max(0, line - linesBefore), { align: 'start' })),
      );
      if (page === true) box.current?.scrollIntoView({ block: 'nearest' });
    },
  }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines have other heights when they wrap
  useEffect(() => virtual.measure(), [wrap]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came moves the end
  useLayoutEffect(() => {
    if (following && count > 0) virtual.scrollToIndex(count - 1, { align: 'end' });
  }, [following, version]);
  // What was forgotten at the beginning does not move what somebody reads.
  const gone = useRef(lines.dropped);
  useLayoutEffect(() => {
    const moved = (lines.dropped - gone.current) * lineHeight;
    gone.current = lines.dropped;
    if (moved > 0 && !following) box.current?.scrollBy(0, -moved);
  });
  const onScroll = (): void => {
    const node = box.current;
    if (node === null) return;
    const up = node.scrollTop < top.current - 1;
    top.current = node.scrollTop;
    const atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < nearEnd;
    if (up && following && !atEnd) setFollowing(false);
    else if (!up && atEnd && !following) setFollowing(true);
  };
  const digits = { '--digits': `${Math.max(3, String(count).length)}ch` } as React.CSSProperties;
  return (
    <div
      ref={box}
      className={styles.box}
      style={digits}
      data-wrap={wrap || undefined}
      onScroll={onScroll}
      role="log"
      aria-label="Log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by the keyboard
      tabIndex={0}
    >
      <div className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const number = index + 1;
          const at = times ? lines.at(index) : null;
          const source = lines.source(index);
          return (
            <div
              key={key}
              ref={wrap ? virtual.measureElement : undefined}
              data-index={index}
              className={styles.row}
              data-marked={(marked !== null && number >= marked[0] && number <= marked[1]) || undefined}
              data-current={(query !== '' && index === current) || undefined}
              style={{ transform: `translateY(${start}px)` }}
            >
              {choose !== null && (
                <button
                  type="button"
                  tabIndex={-1}
                  className={styles.number}
                  aria-label={`Link to line ${number}`}
                  onClick={(event) => choose(number, event.shiftKey)}
                >
                  {number}
                </button>
              )}
              {times && <time className={styles.time}>{at === null ? '' : timeOfDay(at)}</time>}
              {source !== null && nameOf !== null && (
                <span className={styles.source} data-again={lines.source(index - 1) === source || undefined}>
                  {nameOf(source)}
                </span>
              )}
              <LogLine spans={lines.spans(index)} query={query} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
