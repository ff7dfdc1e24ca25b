import type { EventView } from '@towpath/contract';
import { away, client } from '../transport/client.ts';
import { keys, queries } from './queries.ts';
import { noteRecent } from './recent.ts';

/** So many changes at once cost one look at the board. In milliseconds. */
const gatherMs = 120;
/** After everything came, it rests this many times as long as it took. */
const restFactor = 3;

type Key = readonly unknown[];

/** What has to be looked at again, by the first word of an event's name. */
const stale: Readonly<Record<string, (event: EventView) => readonly Key[]>> = {
  run: ({ subject }) => [keys.run(numberOf(subject)), keys.runs, ['service'], ['deployments']],
  stage: ({ subject }) => [keys.run(numberOf(subject))],
  deployment: () => [['deployments'], ['releases'], ['service']],
  release: () => [['releases']],
  job: ({ subject }) => [keys.job(numberOf(subject)), keys.jobs],
  target: () => [['service'], ['releases']],
  service: () => [['service'], ['path']],
  environment: () => [['service'], ['path']],
  config: () => [['service'], ['path']],
  project: () => [['path']],
};

const numberOf = (subject: string): number => Number(subject.split('/')[1]);

/** Follows what happens until `signal`, and has everything looked at again that it changed. */
export async function followEvents(signal: AbortSignal): Promise<void> {
  let missed = false;
  const onState = (state: 'open' | 'away'): void => {
    if (state === 'away') away.set(away.get() ?? Date.now());
    else {
      away.set(null);
      // Before the first event nobody knows what was missed.
      if (missed) void queries.invalidateQueries();
    }
    missed = true;
  };
  for (;;) {
    try {
      for await (const { data } of client.follow('streamEvents', {
        signal,
        patienceMs: Number.POSITIVE_INFINITY,
        onState,
      })) {
        if (data !== undefined) note(data);
      }
    } catch {
      if (signal.aborted) return;
      await client.call('status').catch(() => null); // whoever is signed out is told so by this
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    }
  }
}

const waiting = new Map<string, Key>();
let resting = false;

function note(event: EventView): void {
  noteRecent(event);
  const kind = event.name.split('.')[0] ?? '';
  waiting.set('board', keys.board);
  for (const key of stale[kind]?.(event) ?? []) waiting.set(JSON.stringify(key), key);
  if (!resting) void look();
}

/** Gathers, looks, rests; and again while there is something that changed. */
async function look(): Promise<void> {
  resting = true;
  let restMs = gatherMs;
  while (waiting.size > 0) {
    await new Promise((resolve) => setTimeout(resolve, restMs));
    const wanted = [...waiting.values()];
    waiting.clear();
    const began = performance.now();
    await Promise.all(wanted.map((queryKey) => queries.invalidateQueries({ queryKey })));
    restMs = Math.max(gatherMs, (performance.now() - began) * restFactor);
  }
  resting = false;
}
