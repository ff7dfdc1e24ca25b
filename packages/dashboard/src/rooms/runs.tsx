import { NativeSelect } from '@mantine/core';
import { Status } from '@towpath/contract';
import { useSearchParams } from 'wouter';
import { useBoard, useRuns } from '../live/queries.ts';
import { More } from '../parts/more.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { RunList } from '../parts/run-list.tsx';
import { serviceKey } from '../words/path.ts';
import { looks } from '../words/status.ts';

/** Every run, newest first. */
export function Runs() {
  const [search, setSearch] = useSearchParams();
  const services = useBoard().data?.services ?? [];
  const status = Status.safeParse(search.get('status')).data;
  const service = search.get('service') ?? undefined;
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useRuns({ status, service });
  const set = (name: string, value: string): void =>
    setSearch((before) => {
      if (value === '') before.delete(name);
      else before.set(name, value);
      return before;
    });
  const filters = (
    <>
      <NativeSelect
        aria-label="Service"
        value={service ?? ''}
        data={[
          { value: '', label: 'Every service' },
          ...services.map(({ project, name }) => ({ value: serviceKey(project, name), label: name })),
        ]}
        onChange={(event) => set('service', event.currentTarget.value)}
      />
      <NativeSelect
        aria-label="State"
        value={status ?? ''}
        data={[
          { value: '', label: 'Every state' },
          ...Status.options.map((value) => ({ value, label: looks[value].word })),
        ]}
        onChange={(event) => set('status', event.currentTarget.value)}
      />
    </>
  );
  if (data === undefined && error === null) return <Waiting />;
  const runs = data?.pages.flatMap((page) => page.runs) ?? [];
  return (
    <Page title="Runs" actions={filters}>
      {error !== null && <Problem error={error} />}
      {data !== undefined && runs.length === 0 && (
        <Empty
          title={status === undefined && service === undefined ? 'Nothing has run yet' : 'No run is like that'}
          commands={['git push towpath main']}
        >
          Every push to a branch that an environment follows starts one.
        </Empty>
      )}
      <RunList runs={runs} withService />
      {hasNextPage && <More load={() => void fetchNextPage()} loading={isFetchingNextPage} />}
    </Page>
  );
}
