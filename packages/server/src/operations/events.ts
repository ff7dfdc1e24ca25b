import type { EventView, StreamPiece } from '@towpath/contract';
import type { Db } from '../store/connect.ts';
import { findProject, projectsOf } from '../store/environments.ts';
import type { EventChoice } from '../store/event-tail.ts';
import { type EventFilter, type EventRow, eventsAfter, eventsBefore } from '../store/events.ts';
import { findService } from '../store/services.ts';
import { operation } from './operation.ts';

export interface EventQuery extends Pick<EventFilter, 'subject' | 'name' | 'brief' | 'limit'> {
  readonly after: number;
  readonly before?: number | undefined;
  /** Which come first; default: the oldest. */
  readonly order?: 'oldest' | 'newest' | undefined;
  readonly project?: string | undefined;
  readonly service?: string | undefined;
  /** ISO 8601. */
  readonly since?: string | undefined;
}

export const listEvents = operation(
  'read',
  async ({ db }, _actor, { after, before, order, project, service, since, ...rest }: EventQuery) => {
    const names = await projectNames(db);
    const found = service === undefined ? undefined : await findService(db, service);
    const filter: EventFilter = {
      ...rest,
      projectId: project === undefined ? undefined : (await findProject(db, project)).id,
      service: found === undefined ? undefined : { projectId: found.projectId, name: found.name },
      since: since === undefined ? undefined : new Date(since),
    };
    const rows = order === 'newest' ? await eventsBefore(db, before, filter) : await eventsAfter(db, after, filter);
    const next = rows.length < filter.limit ? null : (rows.at(-1)?.id ?? null);
    return { events: rows.map((row) => eventView(row, names)), next };
  },
);

export interface EventWish {
  readonly project?: string | undefined;
  readonly subject?: string | undefined;
  readonly after?: number | undefined;
  readonly signal: AbortSignal;
}

/** Each event once and in order, until the signal. From now on where `after` names none. */
export const streamEvents = operation('read', async (house, _actor, input: EventWish) => {
  const { project, subject, after, signal } = input;
  const projectId = project === undefined ? undefined : (await findProject(house.db, project)).id;
  const from = after ?? (await house.events.now(signal));
  return follow(from, { projectId, subject });

  async function* follow(start: number, choice: EventChoice): AsyncGenerator<StreamPiece<'streamEvents'>> {
    // Where it begins: whoever is cut off before the first event goes on here.
    yield { id: start };
    for (let position = start; ; ) {
      const page = await house.events.read(position, choice, signal);
      const names = page.events.length === 0 ? null : await projectNames(house.db);
      for (const row of page.events) yield { id: row.id, data: eventView(row, names ?? new Map()) };
      position = page.position;
      if (page.events.at(-1)?.id !== position) yield { id: position };
    }
  }
});

const projectNames = async (db: Db): Promise<ReadonlyMap<number, string>> =>
  new Map((await projectsOf(db)).map(({ id, name }) => [id, name]));

function eventView(row: EventRow, names: ReadonlyMap<number, string>): EventView {
  const { id, name, actor, subject, projectId, data, at } = row;
  const project = projectId === null ? null : (names.get(projectId) ?? null);
  return { id, name, actor, subject, project, data, at: at.toISOString() };
}
