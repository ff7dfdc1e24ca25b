import type { CSSProperties, ReactNode } from 'react';
import type { Span, Style } from '../../words/ansi.ts';
import styles from './log.module.css';

interface LineProps {
  readonly spans: readonly Span[];
  readonly query: string;
}

export const LogLine = ({ spans, query }: LineProps) => (
  <span className={styles.text}>
    {spans.map(({ at, text, style }) => (
      <span key={at} style={css(style)}>
        {query === '' ? text : highlighted(text, query)}
      </span>
    ))}
    {'\n'}
  </span>
);

/** A log on paper cannot show a terminal's own background, so bright and plain colours are the same ink. */
const color = (value: number | string): string => (typeof value === 'number' ? `var(--ansi-${value % 8})` : value);

function css({ fg, bg, bold, dim, italic, underline }: Style): CSSProperties | undefined {
  const found: CSSProperties = {
    ...(fg !== null && { color: color(fg) }),
    ...(bg !== null && { color: 'var(--paper)', backgroundColor: color(bg) }),
    ...(bold && { fontWeight: 650 }),
    ...(dim && fg === null && { color: 'var(--ink-3)' }),
    ...(italic && { fontStyle: 'italic' }),
    ...(underline && { textDecoration: 'underline' }),
  };
  return Object.keys(found).length === 0 ? undefined : found;
}

/** A match that goes over a change of colour is found, but not marked. */
function highlighted(text: string, query: string): ReactNode {
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  const wanted = query.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return parts.length === 0 ? text : [...parts, text.slice(from)];
}
