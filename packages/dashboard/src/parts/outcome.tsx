import type { ReactNode } from 'react';
import type { Look } from '../words/status.ts';
import styles from './outcome.module.css';

interface OutcomeProps {
  readonly look: Look;
  /** Null: the state says it all. */
  readonly reason: string | null;
  readonly children?: ReactNode;
}

/** A state in words, with its reason: the sentence that most people come for. */
export const Outcome = ({ look, reason, children }: OutcomeProps) => (
  <p className={styles.outcome} data-tone={look.tone}>
    <b>{look.word}</b>
    {reason !== null && <span className={styles.reason}>{reason}</span>}
    {children}
  </p>
);
