import { type ReactNode, useEffect } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: a state's shape. */
  readonly mark?: ReactNode;
  /** Above the title: where this belongs to. */
  readonly over?: ReactNode;
  /** Below the title. */
  readonly under?: ReactNode;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
}

/** A room: its heading, what can be done in it, and what it shows. */
export function Page({ title, mark, over, under, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Towpath`;
  }, [title]);
  return (
    <main className={styles.page} id="main" tabIndex={-1}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {over !== undefined && <div className={styles.over}>{over}</div>}
          <div className={styles.title}>
            {mark}
            <h1>{title}</h1>
          </div>
          {under !== undefined && <div className={styles.under}>{under}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}

interface SectionProps {
  readonly title: string;
  readonly id?: string;
  /** At the right of the title. */
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

export const Section = ({ title, id, beside, children }: SectionProps) => (
  <section className={styles.section} id={id} aria-label={title}>
    <div className={styles.sectionHead}>
      <h2>{title}</h2>
      {beside}
    </div>
    {children}
  </section>
);

/** Something is on its way. Says nothing for a moment: most answers are quicker than an eye. */
export const Waiting = () => (
  <main className={styles.page} id="main" tabIndex={-1} aria-busy="true">
    <p className={styles.waiting}>Asking the server…</p>
  </main>
);
