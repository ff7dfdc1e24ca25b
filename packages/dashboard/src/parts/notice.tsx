import { TowpathError } from '@towpath/contract';
import type { ReactNode } from 'react';
import { Copyable } from './copy.tsx';
import { Mark } from './mark.tsx';
import styles from './notice.module.css';

/** A command in a help stands between backquotes. */
function Help({ text }: { readonly text: string }) {
  const [before, command, ...after] = text.split('`');
  if (command === undefined || after.length === 0) return <p className="dim">{text}</p>;
  return (
    <p className="dim">
      {before}
      <code>{command}</code>
      {after.join('`')}
    </p>
  );
}

/** What went wrong, and what to do about it. */
export function Problem({ error }: { readonly error: unknown }) {
  const known = error instanceof TowpathError;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className={styles.problem} role="alert">
      <Mark look={{ shape: 'cross', tone: 'bad' }} />
      <div>
        <p className={styles.title}>{message}</p>
        <Help text={known ? error.help : 'This is a defect in Towpath: please report it.'} />
      </div>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** What to type, one after another. */
  readonly commands?: readonly string[];
}

/** An empty place teaches what would fill it. */
export const Empty = ({ title, children, commands = [] }: EmptyProps) => (
  <div className={styles.empty}>
    <p className={styles.title}>{title}</p>
    {children !== undefined && <div className={styles.text}>{children}</div>}
    {commands.length > 0 && (
      <ol className={styles.commands}>
        {commands.map((each) => (
          <li key={each}>
            <Copyable value={each} what="the command" />
          </li>
        ))}
      </ol>
    )}
  </div>
);
