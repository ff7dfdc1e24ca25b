import { SegmentedControl, TextInput } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { useBoard } from '../live/queries.ts';
import { Icon } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import {
  type BoardFilter,
  type BoardState,
  boardRows,
  boardStates,
  columnsOf,
  headline,
  isShown,
} from '../words/board.ts';
import type { Shape, Tone } from '../words/status.ts';
import styles from './board.module.css';
import { BoardService } from './board-service.tsx';

const stateWords: Readonly<Record<BoardState, string>> = {
  all: 'All',
  trouble: 'Needs a look',
  waiting: 'Waiting',
  moving: 'Moving',
};
const shapes: Partial<Readonly<Record<Tone, Shape>>> = { bad: 'cross', waiting: 'hand', good: 'check' };

/** What runs where, and is it fine? */
export function Board() {
  const board = useBoard();
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState(search.get('q') ?? '');
  const filter: BoardFilter = {
    text: useDeferredValue(text),
    project: search.get('project'),
    state: boardStates.find((each) => each === search.get('state')) ?? 'all',
  };
  const set = (name: string, value: string): void =>
    setSearch(
      (before) => {
        if (value === '') before.delete(name);
        else before.set(name, value);
        return before;
      },
      { replace: true },
    );

  if (board.data === undefined)
    return board.error === null ? (
      <Waiting />
    ) : (
      <Page title="Board">
        <Problem error={board.error} />
      </Page>
    );
  const { services } = board.data;
  if (services.length === 0) return <FirstService />;
  const shown = services.filter((each) => isShown(each, filter));
  const { tone, text: sentence } = headline(board.data);
  const filters = (
    <div className={styles.filters}>
      <TextInput
        data-search
        aria-label="Filter services"
        placeholder="Filter by name, commit, author…"
        value={text}
        leftSection={<Icon name="search" />}
        onChange={(event) => {
          setText(event.currentTarget.value);
          set('q', event.currentTarget.value);
        }}
      />
      <SegmentedControl
        aria-label="State"
        value={filter.state}
        data={boardStates.map((value) => ({ value, label: stateWords[value] }))}
        onChange={(value) => set('state', value === 'all' ? '' : value)}
      />
    </div>
  );
  return (
    <Page
      title={sentence}
      mark={<Mark size={20} look={{ tone, shape: shapes[tone] ?? 'check' }} />}
      under={<span className="dim">{count(services.length, 'service')}</span>}
      actions={filters}
    >
      {shown.length === 0 ? (
        <Empty title="No service is like that">Take a word away, or choose another state.</Empty>
      ) : (
        <Rows services={shown} />
      )}
    </Page>
  );
}

const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** Of a wide table, in pixels, as board.module.css has them; on narrow screens each row is measured. */
const rowHeight = 57;
const projectHeight = 52;
const narrow = matchMedia('(max-width: 1000px)');

function Rows({ services }: { readonly services: Parameters<typeof boardRows>[0] }) {
  const rows = useMemo(() => boardRows(services), [services]);
  const columns = useMemo(() => columnsOf(services), [services]);
  const list = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => (rows[index]?.kind === 'project' ? projectHeight : rowHeight),
    overscan: 6,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => {
      const row = rows[index];
      return row?.kind === 'service' ? `${row.service.project}/${row.service.name}` : `${row?.project}`;
    },
  });
  const grid = { '--columns': columns.length } as React.CSSProperties;
  return (
    <div className={styles.table} style={grid} role="table" aria-label="Services" aria-rowcount={rows.length + 1}>
      <div className={styles.head} role="row">
        <span role="columnheader">Service</span>
        {columns.map((each) => (
          <span key={each} role="columnheader">
            {each}
          </span>
        ))}
        <span role="columnheader">Last run</span>
      </div>
      <div ref={list} role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          const place = {
            ref: narrow.matches ? virtual.measureElement : undefined,
            'data-index': index,
            role: 'row',
            'aria-rowindex': index + 2,
            style: { transform: `translateY(${start - virtual.options.scrollMargin}px)` },
          };
          if (row?.kind === 'project') {
            return (
              <div key={key} {...place} className={styles.project}>
                <span role="cell">{row.project}</span>
              </div>
            );
          }
          return (
            row !== undefined && (
              <div key={key} {...place} className={styles.row}>
                <BoardService service={row.service} columns={columns} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

const FirstService = () => (
  <Page title="Nothing is here yet">
    <Empty
      title="Make your first service"
      commands={[`towpath login ${location.origin}`, 'towpath init', 'git push towpath main']}
    >
      In the folder of its repository. Towpath finds out how it is tested, built and started; every push goes its path
      from then on, and shows up here while it does.
    </Empty>
  </Page>
);
