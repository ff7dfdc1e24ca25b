import { useSyncExternalStore } from 'react';
import { type LogLink, logLink, readLogLink } from '../../words/log-link.ts';

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

/** The stage and lines that the address names, and how to name others. */
export function useLogLink(): [LogLink | null, (link: LogLink) => void] {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return [readLogLink(hash), set];
}

function set(link: LogLink): void {
  history.replaceState(history.state, '', `${location.pathname}${location.search}${logLink(link)}`);
  dispatchEvent(new HashChangeEvent('hashchange'));
}
