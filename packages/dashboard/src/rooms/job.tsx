import type { JobView } from '@towpath/contract';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { ActionButton } from '../actions/buttons.tsx';
import { cancelJob } from '../actions/job-actions.ts';
import { jobLog } from '../live/log-source.ts';
import { useJob } from '../live/queries.ts';
import { LogViewer } from '../parts/log/log-viewer.tsx';
import { useLog } from '../parts/log/use-log.ts';
import { Mark } from '../parts/mark.tsx';
import { Problem } from '../parts/notice.tsx';
import { Outcome } from '../parts/outcome.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { Ago, Took } from '../parts/time.tsx';
import { jobName } from '../words/job.ts';
import type { LogLink } from '../words/log-link.ts';
import { paths } from '../words/path.ts';
import { looks } from '../words/status.ts';
import styles from './job.module.css';

/** One job: how it stands, and what it prints. */
export function JobRoom({ job: number }: { readonly job: number }) {
  const { data: job, error } = useJob(number);
  if (job === undefined)
    return error === null ? (
      <Waiting />
    ) : (
      <Page title={`Job ${number}`}>
        <Problem error={error} />
      </Page>
    );
  const over = job.endedAt !== null;
  return (
    <Page
      title={`Job ${job.job}: ${jobName(job)}`}
      mark={<Mark look={looks[job.status]} size={20} />}
      over={
        <Link className="link" href={paths.service(job.project, job.service)}>
          {job.service}
        </Link>
      }
      under={<About job={job} />}
      actions={over ? undefined : <ActionButton action={cancelJob(job)} />}
    >
      {job.reason !== null && <Outcome look={looks[job.status]} reason={job.reason} />}
      <JobLog job={job} />
    </Page>
  );
}

const About = ({ job }: { readonly job: JobView }) => (
  <p className={styles.about}>
    <span>
      beside{' '}
      <Link className="link" href={paths.releases(job.project, job.service, job.environment)}>
        v{job.version}
      </Link>{' '}
      in {job.environment}
    </span>
    <span>
      by {job.requestedBy} <Ago at={job.createdAt} />
    </span>
    <span>
      {job.endedAt === null ? 'for ' : 'took '}
      <Took from={job.createdAt} to={job.endedAt} />
    </span>
    {job.exitCode !== null && <span>exit code {job.exitCode}</span>}
  </p>
);

function JobLog({ job }: { readonly job: JobView }) {
  const source = useMemo(() => jobLog(job.job), [job.job]);
  const [lines, setLines] = useState<LogLink['lines']>(null);
  return (
    <LogViewer
      log={useLog(source)}
      source={source}
      raw={source.raw}
      running={job.endedAt === null}
      failed={job.status === 'failed'}
      link={{ lines, setLines }}
    />
  );
}
