import type { JobView } from '@towpath/contract';
import { Link } from 'wouter';
import { jobName } from '../words/job.ts';
import { paths } from '../words/path.ts';
import { looks } from '../words/status.ts';
import { Mark } from './mark.tsx';
import styles from './run-list.module.css';
import { Ago, Took } from './time.tsx';

interface ListProps {
  readonly jobs: readonly JobView[];
  /** Jobs of several services stand together. */
  readonly withService?: boolean;
}

/** Jobs, each a row that leads to it. */
export const JobList = ({ jobs, withService = false }: ListProps) => (
  <ul className={styles.list}>
    {jobs.map((job) => {
      const look = looks[job.status];
      const failed = look.tone === 'bad' && job.reason !== null;
      return (
        <li key={job.job}>
          <Link href={paths.job(job.job)} className={styles.row} data-row>
            <Mark look={look} />
            <span className={styles.number}>{job.job}</span>
            <span className={styles.what}>
              <span className={styles.title}>
                {withService && <b>{job.service}</b>}
                <span className="cut">
                  {job.process === null ? <code>{jobName(job)} …</code> : <>job {jobName(job)}</>}
                </span>
              </span>
              <span className={styles.note} data-tone={failed ? look.tone : undefined}>
                <span className={styles.word}>{look.word}</span>
                {failed && <span className="cut">{job.reason}</span>}
              </span>
            </span>
            <span className={styles.about}>
              <span className="cut">{job.environment}</span>
              <span>v{job.version}</span>
              <span className="cut">{job.requestedBy}</span>
            </span>
            <span className={styles.when}>
              <Ago at={job.createdAt} />
              <span className="faint">
                <Took from={job.createdAt} to={job.endedAt} />
              </span>
            </span>
          </Link>
        </li>
      );
    })}
  </ul>
);
