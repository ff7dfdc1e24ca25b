import type { Detected } from '../found.ts';
import type { Tree } from './view.ts';

/** A small repository, written in the way real ones are, and all that is to be found in it. */
export interface Fixture {
  readonly name: string;
  readonly files: Tree;
  /** Of the service; `.` when it is left out. */
  readonly folder?: string;
  /** What is not named is not found. */
  readonly expected: Partial<Detected>;
}

export const nothingFound: Detected = {
  kind: null,
  tools: [],
  install: null,
  quality: [],
  test: null,
  build: null,
  release: null,
  start: null,
  processes: [],
  health: null,
  cache: null,
  path: [],
  notices: [],
  question: null,
};
