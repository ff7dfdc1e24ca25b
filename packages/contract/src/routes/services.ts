import { z } from 'zod';
import { SettingView } from '../setting-fields.ts';
import { CommitInfo } from '../views.ts';
import { Name, StageKind } from '../words.ts';
import type { RouteSpec } from './route.ts';

/** A value with its evidence in plain words: `package-lock.json`. */
const Seen = z.object({ value: z.string(), origin: z.string() });
/** Something that was seen and will not work or is taken by something else, with the way out. */
const Notice = z.object({ text: z.string(), origin: z.string(), help: z.string() });

/** The way that a commit would go, and why. */
export const PathView = z.object({
  project: Name,
  service: Name,
  branch: z.string(),
  ...CommitInfo.shape,
  /** What it is written in: `Node 24 with npm`; null when nothing was recognised. */
  kind: Seen.nullable(),
  stages: z.array(
    z.object({
      kind: StageKind,
      environment: Name.nullable(),
      name: z.string(),
      /** What decides what the stage does. */
      settings: z.array(SettingView),
      /** Why it does nothing; null: it does something. */
      skip: z.string().nullable(),
      /** Of an approval: how long it is waited for. */
      deadlineMs: z.int().nullable(),
    }),
  ),
  /** Every setting that holds: in the environment that was named, else what all environments share. */
  settings: z.array(SettingView),
  /** What the environments that are entered have for themselves. */
  differs: z.array(z.object({ environment: Name, settings: z.array(SettingView) })),
  /** What its commands run with, where something is wished for. */
  toolchains: z.array(
    z.object({
      name: z.string(),
      /** The version or range as it is written; null: any will do. */
      wanted: z.string().nullable(),
      origin: z.string(),
      /** `22.14.0 (~/.nvm)`; null: there is none that could be used. */
      uses: z.string().nullable(),
      /** Why nothing could run, or why something else is used. */
      remark: z.string().nullable(),
    }),
  ),
  notices: z.array(Notice),
  /** What towpath.yaml asks for and does not get. */
  refused: z.array(z.string()),
  /** What must be answered before anything can go live, with how. */
  question: z.string().nullable(),
});
export type PathView = z.infer<typeof PathView>;

/** What is found in files that were not pushed yet. */
export const FoundView = z.object({
  kind: Seen.nullable(),
  settings: z.array(SettingView),
  notices: z.array(Notice),
  /** What would have to be asked. */
  question: z.string().nullable(),
  /** Of the whole repository, by folder; `.` is the top. */
  services: z.array(z.object({ folder: z.string(), kind: Seen, origin: z.string() })),
});
export type FoundView = z.infer<typeof FoundView>;
export const DetectAnswer = z.object({
  /** Texts that are needed to go on; empty: that was all. */
  need: z.array(z.string()),
  found: FoundView.nullable(),
});
export type DetectAnswer = z.infer<typeof DetectAnswer>;

const path = z.string().min(1).max(1_000);

/** What is known of a service before it runs. */
export const serviceRoutes = {
  showPath: {
    method: 'GET',
    path: '/api/services/:service/path',
    policy: 'read',
    summary:
      "The stages that a branch's newest commit would go through, and every setting with its origin. A towpath.yaml that cannot be read is answered with its mistakes.",
    params: z.object({ service: z.string() }),
    query: z.object({ branch: z.string().optional(), environment: Name.optional() }),
    answer: PathView,
  },
  detect: {
    method: 'POST',
    path: '/api/detect',
    policy: 'read',
    summary:
      'What is found in files that were not pushed: call again with the texts that it needs, until it needs no more. Nothing is kept.',
    body: z.object({
      /** Every file, from the top of the repository. */
      names: z.array(path).max(20_000),
      /** By path, those that were asked for; null: cannot be read. Up to 200, 1 MiB together. */
      texts: z.record(path, z.string().nullable()).default({}),
      folder: path.default('.'),
      /** Answer from what is there. */
      final: z.boolean().default(false),
    }),
    answer: DetectAnswer,
  },
} as const satisfies Record<string, RouteSpec>;
