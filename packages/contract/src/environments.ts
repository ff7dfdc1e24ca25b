/** What the API takes and shows of environments. */
import { z } from 'zod';
import { Admission, Commit, Name } from './words.ts';

/** What git refuses in the name of a branch (git-check-ref-format), by the first rule that is broken. */
const branchRules: readonly (readonly [broken: RegExp, rule: string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names of branches are hostile text
  [/[\x00-\x20\x7f~^:?*[\\]/, 'no blanks, control characters or ~ ^ : ? * [ \\'],
  [/\.\.|@\{|\/\/|\/\./, 'no "..", "@{", "//" or "/."'],
  [/^[-./]|[./]$|\.lock(\/|$)|^@$/, 'no "-", "." or "/" at the beginning, no ".", "/" or ".lock" at the end'],
];

/** The name of a branch as git takes it. */
export const Branch = z
  .string()
  .min(1, 'a branch has a name')
  .max(250, 'at most 250 characters')
  .superRefine((name, context) => {
    const broken = branchRules.find(([pattern]) => pattern.test(name));
    if (broken !== undefined) context.addIssue({ code: 'custom', message: `git takes ${broken[1]} in a branch` });
  });

/** How long an approval is waited for, in milliseconds: a minute to a year. */
const ApprovalMs = z.int().min(60_000, 'at least a minute').max(31_536_000_000, 'at most 365 days');

const week = 7 * 86_400_000;

export const EnvironmentInput = z.object({
  name: Name,
  /** null: the main branch of each service. */
  branch: Branch.nullable().default(null),
  deploy: Admission.default('auto'),
  approvalMs: ApprovalMs.default(week),
  /** Stands behind this one in the order; null: first. Not given: last. */
  after: Name.nullable().optional(),
});
export type EnvironmentInput = z.infer<typeof EnvironmentInput>;

/** What is absent stays as it is. */
export const EnvironmentPatch = z.object({
  branch: Branch.nullable().optional(),
  deploy: Admission.optional(),
  approvalMs: ApprovalMs.optional(),
  after: Name.nullable().optional(),
});
export type EnvironmentPatch = z.infer<typeof EnvironmentPatch>;

export const EnvironmentView = z.object({
  project: Name,
  name: Name,
  /** null: the main branch of each service. */
  branch: z.string().nullable(),
  deploy: Admission,
  approvalMs: z.int(),
  /** It is being removed: nothing is deployed there any more. */
  closing: z.boolean(),
  /** The services that are live there; url is null for one that takes no requests. */
  live: z.array(z.object({ service: Name, version: z.int(), commit: Commit, url: z.string().nullable() })),
});
export type EnvironmentView = z.infer<typeof EnvironmentView>;

/** What is lost and what is not, in plain words; asked for before, and told by the refusal of who did not confirm. */
export const RemovalPlan = z.object({
  /** What the caller repeats: `api/staging`, `qa`. */
  confirm: z.string(),
  /** Something is live there, or on its way. */
  live: z.boolean(),
  removes: z.array(z.string()),
  keeps: z.array(z.string()),
  /** What else the caller should know. */
  notes: z.array(z.string()),
});
export type RemovalPlan = z.infer<typeof RemovalPlan>;

export const TeardownWish = z.object({
  confirm: z.string().optional(),
  /** Config and secrets go, too. */
  config: z.boolean().default(false),
});

export const EnvironmentRemoval = z.object({
  confirm: z.string().optional(),
  /** What is live there is torn down; without it that is a refusal. */
  teardown: z.boolean().default(false),
});
