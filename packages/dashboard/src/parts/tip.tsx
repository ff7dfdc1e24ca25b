import type { ReactNode } from 'react';
import styles from './tip.module.css';

interface TipProps {
  /** What the thing in it says aloud anyway: this is for eyes only. */
  readonly label: string;
  /** Which edge it keeps to; default: its middle. */
  readonly side?: 'start' | 'end';
  readonly children: ReactNode;
}

/** A word below what a pointer rests on, or the keyboard stands at. */
export const Tip = ({ label, side, children }: TipProps) => (
  <span className={styles.tip} data-tip={label} data-side={side}>
    {children}
  </span>
);
