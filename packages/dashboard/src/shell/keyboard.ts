import { useEffect, useRef } from 'react';
import { paths } from '../words/path.ts';

interface Keyboard {
  readonly go: (path: string) => void;
  readonly search: () => void;
  readonly help: () => void;
}

/** What follows `g`. */
export const places: Readonly<Record<string, readonly [path: string, word: string]>> = {
  b: [paths.board(), 'Board'],
  r: [paths.runs(), 'Runs'],
  a: [paths.approvals(), 'Approvals'],
  v: [paths.activity(), 'Activity'],
  j: [paths.jobs(), 'Jobs'],
  s: [paths.system(), 'System'],
};

/** How long `g` waits for its second letter, in milliseconds. */
const chordMs = 1_200;

/** The keys of every page. Letters count only where nothing is being typed and no question is open. */
export function useKeyboard({ go, search, help }: Keyboard): void {
  const chord = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        search();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isBusy(event.target)) return;
      const place = performance.now() - chord.current < chordMs ? places[event.key] : undefined;
      chord.current = event.key === 'g' ? performance.now() : 0;
      const act = place !== undefined ? () => go(place[0]) : event.key === '?' ? help : keys[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [go, search, help]);
}

const keys: Readonly<Record<string, () => void>> = {
  j: () => step(1),
  k: () => step(-1),
  '/': () => document.querySelector<HTMLInputElement>('[data-search], [data-search] input')?.focus(),
};

function isBusy(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"]') !== null) return true;
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** To the next or the last row of the page's list. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  // Rows of a long list are placed, not ordered.
  rows.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
  const at = document.activeElement instanceof HTMLElement ? rows.indexOf(document.activeElement) : -1;
  const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
