import { type EventView, stepEvents } from '@towpath/contract';
import { createStore } from '../transport/store.ts';
import { keys, queries } from './queries.ts';

/** More than so many since a page was loaded, and it is loaded again. */
const most = 300;
const steps: ReadonlySet<string> = new Set(stepEvents);

/** What happened since the page was opened, newest first, without the steps on the way. */
export const recent = createStore<readonly EventView[]>([]);

/** Of an event that has just come. */
export function noteRecent(event: EventView): void {
  if (steps.has(event.name)) return;
  const kept = recent.get();
  const full = kept.length >= most;
  recent.set([event, ...(full ? kept.slice(0, most / 2) : kept)]);
  if (full) void queries.invalidateQueries({ queryKey: keys.activity });
}
