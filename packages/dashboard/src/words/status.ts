import type { Status } from '@towpath/contract';

/** The shape of a state; `parts/mark.tsx` draws them. */
export type Shape = 'clock' | 'hand' | 'spin' | 'check' | 'cross' | 'dash' | 'arrows' | 'back' | 'dot';
/** The colour of a state; `style/tokens.css` has them. */
export type Tone = 'running' | 'good' | 'bad' | 'waiting' | 'back' | 'quiet';

/** A state by colour, shape and word, never by colour alone. */
export interface Look {
  readonly shape: Shape;
  readonly tone: Tone;
  readonly word: string;
}

export const looks: Readonly<Record<Status, Look>> = {
  queued: { shape: 'clock', tone: 'quiet', word: 'queued' },
  waiting: { shape: 'hand', tone: 'waiting', word: 'waiting' },
  running: { shape: 'spin', tone: 'running', word: 'running' },
  succeeded: { shape: 'check', tone: 'good', word: 'succeeded' },
  failed: { shape: 'cross', tone: 'bad', word: 'failed' },
  cancelled: { shape: 'cross', tone: 'quiet', word: 'cancelled' },
  skipped: { shape: 'dash', tone: 'quiet', word: 'skipped' },
  superseded: { shape: 'arrows', tone: 'quiet', word: 'superseded' },
  rolled_back: { shape: 'back', tone: 'back', word: 'rolled back' },
};
