import { setTimeout as sleep } from 'node:timers/promises';
import { type EventName, type Status, stepEvents } from '@towpath/contract';
import { changed } from './changes.ts';
import type { Db } from './connect.ts';
import { and, asc, desc, eq, gt, gte, lt, lte, notInArray, type SQL, sql } from './drizzle.ts';
import { events } from './schema.ts';

export type EventRow = typeof events.$inferSelect;

/** An event that is to be written. Which project, service and environment it belongs to is found by its subject. */
export interface NewEvent {
  readonly name: EventName;
  /** Who did it: a token's name, or `towpath`. */
  readonly actor: string;
  /** `run/219`, `target/7`, `service/3`. */
  readonly subject: string;
  /** What a reader needs to know what to look at again. Never a secret: whoever may read anything may read this. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes to the audit, in the caller's transaction: the event is there exactly when what it tells of is. */
export async function appendEvent(db: Db, event: NewEvent): Promise<void> {
  const { name, actor, subject, data } = event;
  await db.execute(sql`
    insert into events (project_id, name, actor, subject, data)
    select place.project, ${name}, ${actor}, ${subject}, coalesce(place.names, '{}') || ${JSON.stringify(data)}::jsonb
    from (select 1) as one left join (${placeOf(subject)}) as place on true
    returning ${changed('event', 'new')}`);
}

/** What happened to all attempts of a run that are still open, before they are ended with it. */
export async function appendStageEnds(
  db: Db,
  runId: number,
  end: { status: Status; reason: string | null },
): Promise<void> {
  await db.execute(sql`
    insert into events (project_id, name, actor, subject, data)
    select services.project_id, 'stage.ended', 'towpath', ${`run/${runId}`}, ${stageData(end)}
    from attempts join stages on stages.run_id = attempts.run_id and stages.index = attempts.index
      join runs on runs.id = attempts.run_id join services on services.id = runs.service_id
    where attempts.run_id = ${runId} and attempts.ended_at is null
    returning ${changed('event', 'new')}`);
}

/** The data of a stage's event, where `services`, `stages` and `attempts` are at hand. */
export const stageData = (now: { status: Status; reason: string | null }) => sql`
  jsonb_build_object('service', services.name, 'stage', stages.plan->>'kind', 'environment', stages.plan->>'environment',
    'attempt', attempts.attempt, 'status', ${now.status}::text, 'reason', ${now.reason}::text)`;

/** Project and names of what an event is about, as one row; no row for a subject that has none. */
function placeOf(subject: string): SQL {
  const [, kind = '', id = ''] = /^([a-z]+)\/(\d+)$/.exec(subject) ?? [];
  return places.get(kind)?.(Number(id)) ?? sql`select null::int as project, null::jsonb as names where false`;
}

const ofService = sql`services.project_id as project, jsonb_build_object('service', services.name) as names`;
const ofTarget = sql`services.project_id as project,
  jsonb_build_object('service', services.name, 'environment', environments.name) as names`;
const targetNames = sql`join services on services.id = targets.service_id
  join environments on environments.id = targets.environment_id`;

/** By the kind of subject. */
const places: ReadonlyMap<string, (id: number) => SQL> = new Map([
  ['project', (id) => sql`select id as project, null::jsonb as names from projects where id = ${id}`],
  ['service', (id) => sql`select ${ofService} from services where id = ${id}`],
  [
    'run',
    (id) => sql`select ${ofService} from runs join services on services.id = runs.service_id where runs.id = ${id}`,
  ],
  ['target', (id) => sql`select ${ofTarget} from targets ${targetNames} where targets.id = ${id}`],
  ['deployment', (id) => onTarget(sql`deployments`, id)],
  ['job', (id) => onTarget(sql`jobs`, id)],
  [
    'environment',
    (id) => sql`select project_id as project, jsonb_build_object('environment', name) as names
      from environments where id = ${id}`,
  ],
]);

const onTarget = (table: SQL, id: number): SQL => sql`
  select ${ofTarget} from ${table} as thing join targets on targets.id = thing.target_id ${targetNames} where thing.id = ${id}`;

export interface EventFilter {
  readonly subject?: string | undefined;
  readonly name?: EventName | undefined;
  readonly since?: Date | undefined;
  readonly projectId?: number | undefined;
  /** The service's own events and those of all that belongs to it. */
  readonly service?: { readonly projectId: number; readonly name: string } | undefined;
  /** Without the steps on the way. */
  readonly brief?: boolean | undefined;
  readonly limit: number;
}

/**
 * Oldest first; only those with a higher id than `after`. Whoever goes on from the last one's id misses none, although transactions
 * commit in another order than they took their ids: waits for those in progress (milliseconds). Empty also when one takes too long.
 */
export async function eventsAfter(db: Db, after: number, filter: EventFilter): Promise<EventRow[]> {
  const settled = await settledId(db);
  if (settled === null) return [];
  return db
    .select()
    .from(events)
    .where(and(gt(events.id, after), lte(events.id, settled), matching(filter)))
    .orderBy(asc(events.id))
    .limit(filter.limit);
}

/** Newest first; only those with a lower id than `before`. */
export async function eventsBefore(db: Db, before: number | undefined, filter: EventFilter): Promise<EventRow[]> {
  const settled = await settledId(db);
  if (settled === null) return [];
  const older = before === undefined ? undefined : lt(events.id, before);
  return db
    .select()
    .from(events)
    .where(and(lte(events.id, settled), older, matching(filter)))
    .orderBy(desc(events.id))
    .limit(filter.limit);
}

function matching({ subject, projectId, service, name, since, brief }: Omit<EventFilter, 'limit'>): SQL | undefined {
  return and(
    subject === undefined ? undefined : eq(events.subject, subject),
    projectId === undefined ? undefined : eq(events.projectId, projectId),
    service === undefined ? undefined : and(eq(events.projectId, service.projectId), eq(serviceName, service.name)),
    name === undefined ? undefined : eq(events.name, name),
    since === undefined ? undefined : gte(events.at, since),
    brief === true ? notInArray(events.name, [...stepEvents]) : undefined,
  );
}

/** As the index `events_service` has it. */
const serviceName = sql<string>`(${events.data}->>'service')`;

const settleMs = 2_000;

/** Up to where the record of events is complete; null when a writer takes too long. */
export const newestEvent = (db: Db): Promise<number | null> => settledId(db);

/** An id such that no event up to it can appear any more; null when a writer takes too long. */
async function settledId(db: Db): Promise<number | null> {
  const { rows } = await db.execute<{ id: string | null }>(
    sql`select pg_sequence_last_value(pg_get_serial_sequence('events', 'id')::regclass)::text as id`,
  );
  // Whoever took an id up to this one holds its lock on the table now, or has ended. Asked in this order.
  const writers = await openWriters(db);
  for (const giveUpAt = performance.now() + settleMs; ; await sleep(5)) {
    const open = writers.size === 0 ? writers : await openWriters(db);
    if (![...writers].some((writer) => open.has(writer))) return Number(rows[0]?.id ?? 0);
    if (performance.now() > giveUpAt) return null;
  }
}

/** Other transactions in progress that have written events. */
async function openWriters(db: Db): Promise<Set<string>> {
  const { rows } = await db.execute<{ transaction: string }>(sql`
    select virtualtransaction as transaction from pg_locks
    where locktype = 'relation' and relation = 'events'::regclass and mode = 'RowExclusiveLock'
      and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`);
  return new Set(rows.map((row) => row.transaction));
}
