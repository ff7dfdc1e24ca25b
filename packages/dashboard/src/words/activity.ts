import type { EventName, EventView } from '@towpath/contract';
import { paths, shortCommit } from './path.ts';
import { type Look, looks } from './status.ts';

type Data = EventView['data'];

/** An event as a sentence: `ada approved production`, `v3 is live in production`. */
export interface Told {
  readonly look: Pick<Look, 'shape' | 'tone'>;
  /** Null: nobody did it, it came of something. */
  readonly who: string | null;
  readonly text: string;
  /** Why, or what was said with it. */
  readonly more: string | null;
  /** What it is about: `#12`; null: its service is enough. */
  readonly about: string | null;
  /** Where more is to be seen; null: nowhere. */
  readonly to: string | null;
}

type Teller = (event: EventView) => Partial<Told> & { readonly text: string };

const quiet = { shape: 'dot', tone: 'quiet' } as const;
const hand = looks.waiting;

/** By the event's name; the steps between have no sentence. */
const tellers: Readonly<Partial<Record<EventName, Teller>>> = {
  'run.queued': ({ data }) => ({ text: queuedText(data), more: told(data, 'message'), look: looks.queued }),
  'run.waiting': ({ data }) => ({ who: null, text: `waits for a person before ${place(data)}`, look: hand }),
  'run.approved': ({ data }) => ({
    text: `approved ${place(data)}`,
    more: told(data, 'comment'),
    look: looks.succeeded,
  }),
  'run.declined': ({ data }) => ({ text: `declined ${place(data)}`, more: told(data, 'comment'), look: looks.failed }),
  'run.cancelled': () => ({ text: 'cancelled the run', look: looks.cancelled }),
  'run.rerun': ({ data }) => ({
    text: `ran it again${told(data, 'from') === null ? '' : ` from ${told(data, 'from')}`}`,
    look: looks.queued,
  }),
  'run.ended': ({ data }) => ({ who: null, text: statusLook(data).word, more: troubled(data), look: statusLook(data) }),
  'deployment.ended': ({ data }) => ({
    who: null,
    text: deployedText(data),
    more: troubled(data),
    look: statusLook(data),
    about: null,
  }),
  'target.held': ({ data }) => ({ text: `held ${place(data)}`, more: told(data, 'reason'), look: hand }),
  'target.unheld': ({ data }) => ({ text: `lifted the hold on ${place(data)}` }),
  'target.scaled': ({ data }) => ({
    text: `scaled ${told(data, 'process') ?? 'http'} in ${place(data)} from ${told(data, 'from')} to ${told(data, 'to')}`,
  }),
  'target.torn_down': ({ data }) => ({ text: `tore ${place(data)} down`, look: looks.cancelled }),
  'config.changed': ({ data }) => ({ text: `changed the config of ${place(data)}`, more: list(data, 'names') }),
  'service.created': () => ({ text: 'made the service' }),
  'service.changed': ({ data }) => ({ text: 'changed its settings', more: fields(data) }),
  'project.changed': ({ data }) => ({ text: `changed the settings of project ${told(data, 'project')}` }),
  'environment.added': ({ data }) => ({ text: `added the environment ${told(data, 'name')}` }),
  'environment.changed': ({ data }) => ({ text: `changed the environment ${told(data, 'name')}`, more: fields(data) }),
  'environment.closed': ({ data }) => ({ text: `closed the environment ${told(data, 'name')}`, look: looks.cancelled }),
  'environment.removed': ({ data }) => ({
    text: `removed the environment ${told(data, 'name')}`,
    look: looks.cancelled,
  }),
  'job.queued': ({ data }) => ({ text: `ran ${jobText(data)} in ${place(data)}`, look: looks.queued }),
  'job.cancelled': () => ({ text: 'cancelled the job', look: looks.cancelled }),
  'job.ended': ({ data }) => ({ who: null, text: statusLook(data).word, more: troubled(data), look: statusLook(data) }),
  'session.opened': () => ({ text: 'signed in to the dashboard' }),
  'session.closed': () => ({ text: 'signed out of the dashboard' }),
};

/** Null: a step on the way, which nobody has to be told. */
export function toldOf(event: EventView): Told | null {
  const teller = (tellers as Readonly<Record<string, Teller | undefined>>)[event.name];
  if (teller === undefined) return null;
  return { look: quiet, who: event.actor, more: null, ...subjectOf(event), ...teller(event) };
}

/** The service that an event is about; null: none. */
export const serviceOf = ({ data }: EventView): string | null => told(data, 'service');

function subjectOf({ subject, data, project }: EventView): Pick<Told, 'about' | 'to'> {
  const [kind, id] = subject.split('/');
  const run = kind === 'run' ? id : told(data, 'run');
  if (run !== null && run !== undefined && /^\d+$/.test(run)) return { about: `#${run}`, to: paths.run(Number(run)) };
  if (kind === 'job') return { about: `job ${id}`, to: paths.job(Number(id)) };
  const service = told(data, 'service');
  return { about: null, to: service === null || project === null ? null : paths.service(project, service) };
}

function queuedText(data: Data): string {
  const commit = shortCommit(told(data, 'commit') ?? '');
  const to = `${told(data, 'branch')}`;
  return told(data, 'trigger') === 'push' ? `pushed ${commit} to ${to}` : `started a run of ${to} at ${commit}`;
}

function deployedText(data: Data): string {
  const [cause, where] = [told(data, 'cause'), place(data)];
  // Events of before this was told with them have none.
  const version = told(data, 'version') === null ? 'a release' : `v${told(data, 'version')}`;
  const good = told(data, 'status') === 'succeeded';
  if (cause === 'scale') return good ? `${where} has its new number of replicas` : `${where} was not scaled`;
  if (cause === 'teardown') return good ? `nothing is live in ${where} any more` : `${where} was not torn down`;
  if (!good) return `${version} did not go live in ${where}`;
  const came = causes[cause ?? ''];
  return `${version} is live in ${where}${came === undefined ? '' : `, ${came}`}`;
}

const causes: Readonly<Record<string, string>> = {
  rollback: 'a rollback',
  promote: 'promoted',
  config: 'with other config',
};

const jobText = (data: Data): string =>
  told(data, 'process') === null ? `${told(data, 'command') ?? 'a command'}` : `the job ${told(data, 'process')}`;

const place = (data: Data): string => told(data, 'environment') ?? 'an environment';

function statusLook(data: Data): Look {
  const status = told(data, 'status') ?? '';
  return Object.hasOwn(looks, status) ? looks[status as keyof typeof looks] : { ...quiet, word: status };
}

/** A reason is worth its line where something did not go well. */
const troubled = (data: Data): string | null => (statusLook(data).tone === 'good' ? null : told(data, 'reason'));

function told(data: Data, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function list(data: Data, name: string): string | null {
  const value = data[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(', ') : null;
}

const notSettings: ReadonlySet<string> = new Set(['service', 'environment', 'name', 'project']);
const fields = (data: Data): string | null =>
  Object.keys(data)
    .filter((name) => !notSettings.has(name))
    .join(', ') || null;

/** `Today`, `Yesterday`, `Fri, 20 Nov`: what stands above the events of a day, in the browser's zone. */
export function dayOf(iso: string, now: number): string {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const at = Date.parse(iso);
  if (at >= midnight) return 'Today';
  if (at >= new Date(midnight - 1).setHours(0, 0, 0, 0)) return 'Yesterday';
  return days.format(at);
}
const days = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
