import { failpoints as routerFailpoints } from '@towpath/router/failpoints';
import { failpoints as serverFailpoints } from '@towpath/server/failpoints';
import { failpoints as supervisorFailpoints } from '@towpath/supervisor/failpoints';
import type { Part } from './parts.ts';
import type { Random } from './random.ts';

/** What is killed, and when. */
export type Blow =
  /** These parts at the same moment, so many ms after the people have begun. */
  | { readonly kind: 'moment'; readonly parts: readonly Part[]; readonly afterMs: number }
  /** Whoever passes this place first; where it needs one, another part is killed first, so that the place is met. */
  | { readonly kind: 'place'; readonly place: string; readonly first: Part | null };

/** Rounds last about so long on an idle machine. */
const roundMs = 6_000;

/** Met only by ending the whole installation, which a story of its own does. */
const endings = ['supervisor.shutdown.before', 'supervisor.shutdown.after'];
/** Met only when a system process is replaced, or when a killed one is started again, or when a server's work is taken over. */
const needs: Readonly<Record<string, Part>> = {
  'supervisor.incarnation.before': 'router',
  'supervisor.incarnation.after': 'router',
  'engine.released': 'server-1',
};
/** Met only by `towpath up`, which replaces parts: the supervisor's own tests order crashes there. */
const replacing = ['supervisor.replace.before', 'supervisor.replace.after'];

/** Met only by a service with a release command, workers or a data folder: the rollouts' own tests crash there. */
const processes = [
  'command.submitted',
  'command.ended',
  'rollout.old.stopped',
  'rollout.workers.stopped',
  'rollout.workers.started',
  'rollout.workers.steady',
  'rollout.workers.swapped',
];

/** Every place that a round can meet. */
const places: readonly string[] = [...serverFailpoints, ...supervisorFailpoints, ...routerFailpoints].filter(
  (place) => ![...endings, ...replacing, ...processes].includes(place),
);

/** Met only after many releases, of which the oldest is forgotten. */
const late = ['supervisor.forget.before', 'supervisor.forget.after'];

/** So many blows: every place once, in another order each time, between kills at any moment, every so-many-th one of a pair. */
export function plan(random: Random, parts: readonly Part[], count: number, everyPair = 3): Blow[] {
  let left: string[] = [];
  const nextPlace = (): Blow => {
    if (left.length === 0) left = [...late, ...random.shuffled(places.filter((place) => !late.includes(place)))];
    const place = left.pop() ?? '';
    return { kind: 'place', place, first: needs[place] ?? null };
  };
  const nextMoment = (index: number): Blow => {
    const struck = random.shuffled(parts).slice(0, index % everyPair === everyPair - 1 ? 2 : 1);
    return { kind: 'moment', parts: struck, afterMs: random.below(roundMs) };
  };
  return Array.from({ length: count }, (_, index) => (index % 2 === 0 ? nextMoment(index / 2) : nextPlace()));
}

export function describe(blow: Blow): string {
  if (blow.kind === 'moment') return `${blow.parts.join(' and ')} after ${blow.afterMs} ms`;
  return blow.first === null ? blow.place : `${blow.first}, then ${blow.place}`;
}
