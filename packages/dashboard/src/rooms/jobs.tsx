import { NativeSelect } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { useBoard, useJobs } from '../live/queries.ts';
import { JobList } from '../parts/job-list.tsx';
import { More } from '../parts/more.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { serviceKey } from '../words/path.ts';

/** Every job and every command that was run beside a release, newest first. */
export function Jobs() {
  const [search, setSearch] = useSearchParams();
  const services = useBoard().data?.services ?? [];
  const service = search.get('service') ?? undefined;
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useJobs({ service });
  if (data === undefined && error === null) return <Waiting />;
  const jobs = data?.pages.flatMap((page) => page.jobs) ?? [];
  return (
    <Page
      title="Jobs"
      actions={
        <NativeSelect
          aria-label="Service"
          value={service ?? ''}
          data={[
            { value: '', label: 'Every service' },
            ...services.map(({ project, name }) => ({ value: serviceKey(project, name), label: name })),
          ]}
          onChange={(event) =>
            setSearch(event.currentTarget.value === '' ? {} : { service: event.currentTarget.value })
          }
        />
      }
    >
      {error !== null && <Problem error={error} />}
      {data !== undefined && jobs.length === 0 && <NoJobs service={service ?? 'api'} />}
      <JobList jobs={jobs} withService />
      {hasNextPage && <More load={() => void fetchNextPage()} loading={isFetchingNextPage} />}
    </Page>
  );
}

const NoJobs = ({ service }: { readonly service: string }) => {
  const name = service.replace(/^main\//, '');
  return (
    <Empty title="No job has run yet" commands={[`towpath run-job ${name} report`, `towpath exec ${name} -- ls`]}>
      A job is a command that runs beside the live release, with its files, config and secrets. towpath.yaml declares it
      under processes, with kind: job; exec runs any other.
    </Empty>
  );
};
