import type { RunSummary, ServiceDetail, StatusBoard } from '@towpath/contract';
import type { Tone } from './status.ts';
import { targetState } from './target.ts';

export const boardStates = ['all', 'trouble', 'waiting', 'moving'] as const;
export type BoardState = (typeof boardStates)[number];

export interface BoardFilter {
  readonly text: string;
  readonly project: string | null;
  readonly state: BoardState;
}

/** One row of the board. */
export type BoardRow =
  | { readonly kind: 'project'; readonly project: string; readonly services: number }
  | { readonly kind: 'service'; readonly service: ServiceDetail };

/** What a service is like as a whole, the most urgent first. */
export function serviceTone({ environments, lastRun }: ServiceDetail): Tone {
  const tones = environments.map((each) => targetState(each).tone);
  if (tones.includes('bad') || lastRun?.status === 'failed' || lastRun?.status === 'rolled_back') return 'bad';
  if (lastRun?.status === 'waiting') return 'waiting';
  if (tones.includes('running') || lastRun?.status === 'running' || lastRun?.status === 'queued') return 'running';
  return tones.includes('good') ? 'good' : 'quiet';
}

const tonesOf: Readonly<Record<BoardState, readonly Tone[] | null>> = {
  all: null,
  trouble: ['bad'],
  waiting: ['waiting'],
  moving: ['running'],
};

export function isShown(service: ServiceDetail, { text, project, state }: BoardFilter): boolean {
  if (project !== null && service.project !== project) return false;
  const tones = tonesOf[state];
  if (tones !== null && !tones.includes(serviceTone(service))) return false;
  const wanted = text.trim().toLowerCase();
  return wanted === '' || textOf(service).includes(wanted);
}

/** Everything of a service that people may look for. */
function textOf({ project, name, environments, lastRun }: ServiceDetail): string {
  const releases = environments.flatMap(({ environment, release }) =>
    release === null ? [] : [environment, `v${release.version}`, release.commit],
  );
  const run = lastRun === null ? [] : [`#${lastRun.run}`, lastRun.message, lastRun.author, lastRun.branch];
  return [`${project}/${name}`, ...releases, ...run].join('\n').toLowerCase();
}

/** Rows in the order of the API; with a heading before each project where there are several. */
export function boardRows(services: readonly ServiceDetail[]): BoardRow[] {
  const projects = Map.groupBy(services, ({ project }) => project);
  return [...projects].flatMap(([project, own]): BoardRow[] => [
    ...(projects.size > 1 ? [{ kind: 'project', project, services: own.length } as const] : []),
    ...own.map((service) => ({ kind: 'service', service }) as const),
  ]);
}

/** The names of all environments, each project's in its own order. */
export function columnsOf(services: readonly ServiceDetail[]): string[] {
  const columns: string[] = [];
  for (const { environments } of services) {
    let at = 0;
    for (const { environment } of environments) {
      const there = columns.indexOf(environment);
      if (there === -1) columns.splice(at, 0, environment);
      at = there === -1 ? at + 1 : there + 1;
    }
  }
  return columns;
}

/** The board in a sentence: the first thing that somebody wants to know. */
export function headline({ services, waiting }: Pick<StatusBoard, 'services' | 'waiting'>): {
  tone: Tone;
  text: string;
} {
  const troubled = services.filter((each) => serviceTone(each) === 'bad');
  const names = troubled.slice(0, 3).map(({ name }) => name);
  if (troubled.length === 1) return { tone: 'bad', text: `${names[0]} needs a look` };
  if (troubled.length > 3)
    return {
      tone: 'bad',
      text: `${troubled.length.toLocaleString('en')} of ${services.length.toLocaleString('en')} services need a look`,
    };
  if (troubled.length > 1)
    return { tone: 'bad', text: `${names.slice(0, -1).join(', ')} and ${names.at(-1)} need a look` };
  if (waiting.length > 0) {
    return {
      tone: 'waiting',
      text: waiting.length === 1 ? 'One run waits for a person' : `${waiting.length} runs wait for a person`,
    };
  }
  return { tone: 'good', text: 'Everything is fine' };
}

/** What is told of a run in a line: why it failed or waits, else what it is about. */
export const runLine = ({ reason, status, message }: RunSummary): string =>
  status === 'succeeded' || reason === null ? (message.split('\n')[0] ?? '') : reason;
