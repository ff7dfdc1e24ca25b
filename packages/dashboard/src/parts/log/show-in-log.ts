import { createStore } from '../../transport/store.ts';

/** A text that the log is to go to; each wish is an object of its own, so that the same one counts again. */
export const showInLog = createStore<{ readonly text: string } | null>(null);
