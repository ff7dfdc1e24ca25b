/** Times as people read them. All take milliseconds or ISO 8601. */

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;

/** How long something took, as the command line writes it: `12 ms`, `0.3 s`, `2 min 5 s`, `3 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / second).toFixed(1)} s`;
  if (ms < hour) {
    const seconds = Math.round(ms / second);
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  return twoUnits(ms);
}

/** A clock that ticks: whole seconds, so that nothing jitters. */
export function clock(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / second))} s`;
  if (ms < hour)
    return `${Math.floor(ms / minute)} min ${String(Math.floor((ms % minute) / second)).padStart(2, '0')} s`;
  return twoUnits(ms);
}

function twoUnits(ms: number): string {
  const minutes = Math.round(ms / minute);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(ms / hour);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const ages: readonly (readonly [below: number, unit: number, word: string])[] = [
  [minute, second, 's'],
  [hour, minute, 'min'],
  [2 * day, hour, 'h'],
  [14 * day, day, 'd'],
  [90 * day, 7 * day, 'wk'],
  [730 * day, 30 * day, 'mo'],
  [Number.POSITIVE_INFINITY, 365 * day, 'y'],
];

/** One unit: `12 min`, `5 d`, `3 wk`. */
export function age(ms: number): string {
  const [, unit, word] = ages.find(([below]) => ms < below) ?? [0, second, 's'];
  return `${Math.max(0, Math.floor(ms / unit))} ${word}`;
}

/** `12 min ago`; a clock that is a little ahead of this one is `just now`. */
export function ago(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  return ms < 5 * second ? 'just now' : `${age(ms)} ago`;
}

/** How far off a deadline is: `in 3 d`; `overdue` behind it. */
export function until(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  return ms <= 0 ? 'overdue' : `in ${age(ms)}`;
}

// Made once: a page shows hundreds of times, and each format is dear.
const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The exact time in the zone of the browser, for hovering. */
export const exact = (iso: string): string => format.format(new Date(iso));

/** The time of a log line: `12:03:11.204`. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
