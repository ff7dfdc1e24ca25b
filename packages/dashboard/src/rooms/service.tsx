import { Link } from 'wouter';
import { ActionButton } from '../actions/buttons.tsx';
import { deploy } from '../actions/target-actions.ts';
import { useJobs, useRuns, useService } from '../live/queries.ts';
import { Copyable } from '../parts/copy.tsx';
import { JobList } from '../parts/job-list.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Section, Waiting } from '../parts/page.tsx';
import { RunList } from '../parts/run-list.tsx';
import { paths, serviceKey } from '../words/path.ts';
import styles from './service.module.css';
import { ServiceSettings } from './service-settings.tsx';
import { ServiceTraffic } from './service-traffic.tsx';
import { TargetCard } from './target-card.tsx';

interface ServiceProps {
  readonly project: string;
  readonly name: string;
}

/** One service: where it is live, what it ran last, and what it is set to. */
export function ServiceRoom({ project, name }: ServiceProps) {
  const key = serviceKey(project, name);
  const { data: service, error } = useService(key);
  const runs = useRuns({ service: key }, 10);
  const jobs = useJobs({ service: key }, 5).data?.pages[0]?.jobs ?? [];
  if (service === undefined)
    return error === null ? (
      <Waiting />
    ) : (
      <Page title={name}>
        <Problem error={error} />
      </Page>
    );
  const found = runs.data?.pages[0]?.runs ?? [];
  const { environments } = service;
  return (
    <Page
      title={name}
      over={
        <Link className="link" href={`${paths.board()}?project=${project}`}>
          {project}
        </Link>
      }
      actions={<ActionButton action={deploy(service)} />}
    >
      <ul className={styles.targets}>
        {environments.map((target, index) => (
          <TargetCard
            key={target.environment}
            owner={service}
            target={target}
            next={environments[index + 1]?.environment ?? null}
          />
        ))}
      </ul>
      <ServiceTraffic service={service} />
      <Section
        title="Last runs"
        beside={
          found.length > 0 && (
            <Link className="link dim" href={`${paths.runs()}?service=${encodeURIComponent(key)}`}>
              All runs
            </Link>
          )
        }
      >
        {found.length === 0 ? (
          <Empty
            title="Nothing was pushed yet"
            commands={[`git remote add towpath ${service.gitUrl}`, 'git push towpath main']}
          >
            The first push starts its first run.
          </Empty>
        ) : (
          <RunList runs={found} />
        )}
      </Section>
      {jobs.length > 0 && (
        <Section
          title="Last jobs"
          beside={
            <Link className="link dim" href={`${paths.jobs()}?service=${encodeURIComponent(key)}`}>
              All jobs
            </Link>
          }
        >
          <JobList jobs={jobs} />
        </Section>
      )}
      <ServiceSettings service={service} />
      <Section title="Repository">
        <Copyable value={service.gitUrl} what="the address" />
      </Section>
    </Page>
  );
}
