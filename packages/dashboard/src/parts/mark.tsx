import type { Status } from '@towpath/contract';
import { type Look, looks, type Shape } from '../words/status.ts';
import styles from './mark.module.css';

const drawn: Readonly<Record<Shape, React.ReactNode>> = {
  clock: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 5v3l2 1.5" />
    </>
  ),
  hand: (
    <path d="M5.2 8.2V4.4a.9.9 0 0 1 1.8 0V7V3a.9.9 0 0 1 1.8 0v4V3.8a.9.9 0 0 1 1.8 0V8V5.6a.9.9 0 0 1 1.7 0v4.1c0 2.5-1.6 4.3-4 4.3-2 0-2.9-.8-3.8-2.3L3 9.3a.9.9 0 0 1 1.5-1z" />
  ),
  spin: (
    <>
      <circle cx="8" cy="8" r="5.75" opacity="0.28" />
      <path className={styles.arc} d="M8 2.250a5.75 5.75 0 0 1 5.75 5.75" />
    </>
  ),
  check: <path d="M3.5 8.500l3 3 6-7" />,
  cross: <path d="M4.5 4.500l7 7m0-7l-7 7" />,
  dash: <path d="M4.5 8h7" />,
  arrows: <path d="M4 4.500L7.5 8 4 11.500M8.5 4.500L12 8l-3.5 3.5" />,
  back: <path d="M6.5 4L3.5 7l3 3M3.800 7H10a3 3 0 0 1 0 6H8" />,
  dot: <circle cx="8" cy="8" r="3" fill="currentColor" />,
};

interface MarkProps {
  readonly look: Pick<Look, 'shape' | 'tone'>;
  readonly size?: number;
}

/** A state's shape in its colour. The word stands beside it, or is said by whoever shows this alone. */
export const Mark = ({ look, size = 16 }: MarkProps) => (
  <svg
    className={styles.mark}
    data-tone={look.tone}
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {drawn[look.shape]}
  </svg>
);

/** Shape, colour and word. */
export const State = ({ look, word }: { readonly look: Look; readonly word?: string | undefined }) => (
  <span className={styles.state} data-tone={look.tone}>
    <Mark look={look} />
    <span>{word ?? look.word}</span>
  </span>
);

export const StatusState = ({ status }: { readonly status: Status }) => <State look={looks[status]} />;
