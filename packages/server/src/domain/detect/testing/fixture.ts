import { z } from 'zod';
import type { Detected } from '../found.ts';

/** Small repositories, written in the way real ones are, and all that is to be found in each. */
export const Fixtures = z.array(
  z.strictObject({
    name: z.string(),
    /** Of the service; the top when it is left out. */
    folder: z.string().optional(),
    /** Texts by path; an object is a file of JSON. */
    files: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.unknown())])),
    /** What is not named is not found. */
    expected: z.record(z.string(), z.unknown()),
  }),
);

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
