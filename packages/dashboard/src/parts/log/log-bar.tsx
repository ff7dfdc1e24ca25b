import { ActionIcon, TextInput } from '@mantine/core';
import { useEffect } from 'react';
import { Icon, type IconName } from '../icon.tsx';
import { Tip } from '../tip.tsx';
import styles from './log.module.css';
import type { Found } from './use-found.ts';

interface BarProps {
  readonly query: string;
  readonly setQuery: (text: string) => void;
  readonly at: number;
  readonly found: Found;
  readonly goTo: (match: number) => void;
  /** How many lines there are. */
  readonly count: number;
  readonly wrap: boolean;
  readonly setWrap: (wrap: boolean) => void;
  readonly times: boolean;
  /** Null: nobody knows when the lines were written. */
  readonly setTimes: ((times: boolean) => void) | null;
  readonly raw: string;
  /** Null: there is nothing to follow any more. */
  readonly following: boolean | null;
  readonly follow: () => void;
}

export function LogBar({
  query,
  setQuery,
  at,
  found,
  goTo,
  count,
  wrap,
  setWrap,
  times,
  setTimes,
  raw,
  following,
  follow,
}: BarProps) {
  useKeys({ f: following === null ? null : follow, w: () => setWrap(!wrap) });
  return (
    <div className={styles.bar}>
      <TextInput
        data-search
        className={styles.find ?? ''}
        size="xs"
        aria-label="Search in the log"
        placeholder="Search in the log"
        value={query}
        leftSection={<Icon name="search" />}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') goTo(at + (event.shiftKey ? -1 : 1));
          if (event.key === 'Escape') setQuery('');
        }}
      />
      {query.trim() !== '' && (
        <span className={styles.found} role="status">
          {foundText(at, found)}
        </span>
      )}
      {found.lines.length > 0 && (
        <>
          <Tool icon="up" label="Match before" press={() => goTo(at - 1)} />
          <Tool icon="down" label="Next match" press={() => goTo(at + 1)} />
        </>
      )}
      <span className={styles.count}>{`${count.toLocaleString('en')} line${count === 1 ? '' : 's'}`}</span>
      {following !== null && (
        <button type="button" className={styles.follow} aria-pressed={following} onClick={follow}>
          {following ? 'Following' : 'Follow'}
        </button>
      )}
      <Tool icon="wrap" label="Wrap long lines" pressed={wrap} press={() => setWrap(!wrap)} />
      {setTimes !== null && <Tool icon="clock" label="Times" pressed={times} press={() => setTimes(!times)} />}
      <Tip label="Raw log" side="end">
        <ActionIcon component="a" href={raw} download variant="subtle" size={32} aria-label="Download the raw log">
          <Icon name="download" />
        </ActionIcon>
      </Tip>
    </div>
  );
}

/** `3 of 12`; `1 of 1,000+` where nobody counted on; `2 of 5…` while somebody is still looking. */
function foundText(at: number, { lines, more, looking }: Found): string {
  if (lines.length === 0) return looking ? 'searching…' : 'nothing';
  return `${(at + 1).toLocaleString('en')} of ${lines.length.toLocaleString('en')}${more ? '+' : ''}${looking ? '…' : ''}`;
}

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly pressed?: boolean;
  readonly press: () => void;
}

const Tool = ({ icon, label, pressed, press }: ToolProps) => (
  <Tip label={label} side="end">
    <ActionIcon
      variant="subtle"
      size={32}
      aria-label={label}
      aria-pressed={pressed}
      className={styles.tool ?? ''}
      onClick={press}
    >
      <Icon name={icon} />
    </ActionIcon>
  </Tip>
);

/** Letters do this where nothing is being typed and no question is open. */
function useKeys(keys: Readonly<Record<string, (() => void) | null>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const act = keys[event.key];
      const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (act == null || typing || event.metaKey || event.ctrlKey || document.querySelector('[role="dialog"]') !== null)
        return;
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
