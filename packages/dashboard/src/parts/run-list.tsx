import type { RunSummary } from '@towpath/contract';
import { Link } from 'wouter';
import { runLine } from '../words/board.ts';
import { paths, shortCommit } from '../words/path.ts';
import { looks } from '../words/status.ts';
import { Mark } from './mark.tsx';
import styles from './run-list.module.css';
import { Ago, Took } from './time.tsx';

interface ListProps {
  readonly runs: readonly RunSummary[];
  /** Runs of several services stand together. */
  readonly withService?: boolean;
}

/** Runs, each a row that leads to it. */
export const RunList = ({ runs, withService = false }: ListProps) => (
  <ul className={styles.list}>
    {runs.map((run) => {
      const look = looks[run.status];
      const failed = look.tone !== 'good' && look.tone !== 'quiet' && run.reason !== null;
      return (
        <li key={run.run}>
          <Link href={paths.run(run.run)} className={styles.row} data-row>
            <Mark look={look} />
            <span className={styles.number}>#{run.run}</span>
            <span className={styles.what}>
              <span className={styles.title}>
                {withService && <b>{run.service}</b>}
                <span className="cut">{run.message.split('\n')[0]}</span>
              </span>
              <span className={styles.note} data-tone={failed ? look.tone : undefined}>
                <span className={styles.word}>{look.word}</span>
                {failed && <span className="cut">{runLine(run)}</span>}
              </span>
            </span>
            <span className={styles.about}>
              <span className="mono">{shortCommit(run.commit)}</span>
              <span className="cut">{run.branch}</span>
              <span className="cut">{run.author}</span>
            </span>
            <span className={styles.when}>
              <Ago at={run.createdAt} />
              <span className="faint">{run.startedAt !== null && <Took from={run.startedAt} to={run.endedAt} />}</span>
            </span>
          </Link>
        </li>
      );
    })}
  </ul>
);
