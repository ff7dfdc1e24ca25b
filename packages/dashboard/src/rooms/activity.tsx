import { NativeSelect } from '@mantine/core';
import type { EventView } from '@towpath/contract';
import { Link, useSearchParams } from 'wouter';
import { useActivity, useBoard } from '../live/queries.ts';
import { recent } from '../live/recent.ts';
import { Mark } from '../parts/mark.tsx';
import { More } from '../parts/more.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { Ago, useSlowNow } from '../parts/time.tsx';
import { useStore } from '../transport/store.ts';
import { dayOf, serviceOf, type Told, toldOf } from '../words/activity.ts';
import { serviceKey } from '../words/path.ts';
import styles from './activity.module.css';

/** Who did what, and what came of it. */
export function Activity() {
  const [search, setSearch] = useSearchParams();
  const service = search.get('service') ?? undefined;
  const services = useBoard().data?.services ?? [];
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useActivity(service);
  const fresh = useStore(recent);
  const now = useSlowNow();
  if (data === undefined && error === null) return <Waiting />;
  const events = together(
    fresh.filter((each) => service === undefined || `${each.project}/${serviceOf(each)}` === service),
    data?.pages.flatMap((page) => page.events) ?? [],
  );
  const days = Map.groupBy(events, ({ at }) => dayOf(at, now));
  return (
    <Page
      title="Activity"
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
      {data !== undefined && events.length === 0 && (
        <Empty title="Nothing has happened yet" commands={['towpath init', 'git push towpath main']}>
          Pushes, approvals, deployments, changes of config: who did it, when, and what came of it. None of it can be
          changed later.
        </Empty>
      )}
      {[...days].map(([day, those]) => (
        <section key={day} className={styles.day} aria-label={day}>
          <h2>{day}</h2>
          <ol className={styles.list}>
            {those.map((event) => (
              <Row key={event.id} event={event} />
            ))}
          </ol>
        </section>
      ))}
      {hasNextPage && <More load={() => void fetchNextPage()} loading={isFetchingNextPage} />}
    </Page>
  );
}

/** Both newest first, each event once. */
function together(fresh: readonly EventView[], loaded: readonly EventView[]): EventView[] {
  const newest = loaded[0]?.id ?? 0;
  return [...fresh.filter(({ id }) => id > newest), ...loaded];
}

function Row({ event }: { readonly event: EventView }) {
  const told = toldOf(event);
  if (told === null) return null;
  const inside = <Sentence told={told} event={event} />;
  return (
    <li>
      {told.to === null ? (
        <div className={styles.row}>{inside}</div>
      ) : (
        <Link href={told.to} className={styles.row} data-row>
          {inside}
        </Link>
      )}
    </li>
  );
}

const Sentence = ({ told, event }: { readonly told: Told; readonly event: EventView }) => (
  <>
    <Mark look={told.look} />
    <span className={styles.about}>
      <b className="cut">{serviceOf(event) ?? event.project ?? ''}</b>
      {told.about !== null && <span className="faint">{told.about}</span>}
    </span>
    <span className={styles.what}>
      <span>
        {told.who !== null && <b>{told.who} </b>}
        {told.text}
      </span>
      {told.more !== null && <span className={styles.more}>{told.more}</span>}
    </span>
    <span className={styles.when}>
      <Ago at={event.at} />
    </span>
  </>
);
