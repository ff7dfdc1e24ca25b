import { z } from 'zod';

/** One entry of the catalogue: HTTP status, and what to do about it. The message itself is written where the error is raised. */
interface CatalogueEntry {
  readonly status: number;
  readonly title: string;
  readonly help: string;
}

/**
 * Every error that Towpath answers with, by code. docs/reference/errors.md is generated from it.
 * `help` may name a command; callers append what is known of the case (`towpath service set api --start "…"`).
 */
export const errors = {
  bad_request: { status: 400, title: 'The request is not understood', help: 'Mend the field that the message names.' },
  unauthorised: {
    status: 401,
    title: 'No valid token',
    help: 'Log in again with the token that `towpath up` printed: `towpath login`.',
  },
  forbidden: { status: 403, title: 'Not allowed', help: 'Ask somebody with the right role.' },
  not_found: { status: 404, title: 'There is no such thing', help: 'Look at the list: `towpath status`.' },
  unknown_service: {
    status: 404,
    title: 'No such service',
    help: 'List services with `towpath status`, or create one in its folder: `towpath init`.',
  },
  unknown_project: {
    status: 404,
    title: 'No such project',
    help: 'A project is made with its first service: `towpath init`.',
  },
  unknown_environment: {
    status: 404,
    title: 'No such environment',
    help: 'List them with `towpath env`, or add one: `towpath env add <name> --branch <branch>`.',
  },
  unknown_run: { status: 404, title: 'No such run', help: 'List runs with `towpath runs`.' },
  unknown_release: { status: 404, title: 'No such release', help: 'List releases with `towpath releases`.' },
  unknown_job: {
    status: 404,
    title: 'No such job',
    help: 'Declare it below `processes` with `kind: job`, or run any command: `towpath exec <service> -- <command>`.',
  },
  unknown_process: { status: 404, title: 'No such process', help: 'It ended and was collected, or the key is wrong.' },
  unknown_branch: { status: 404, title: 'No such branch', help: 'Push the branch first: `git push towpath <branch>`.' },
  unknown_commit: {
    status: 404,
    title: 'No such commit',
    help: 'Push it first: `git push towpath <branch>`.',
  },
  empty_repository: {
    status: 409,
    title: 'Nothing was pushed yet',
    help: 'Push a commit first: `git push towpath main`.',
  },
  name_taken: { status: 409, title: 'The name is taken', help: 'Choose another name: `towpath init --name …`.' },
  host_taken: {
    status: 409,
    title: 'The host name is taken',
    help: 'Two services would answer at one address: choose another name.',
  },
  not_confirmed: {
    status: 409,
    title: 'It was not confirmed',
    help: 'Repeat the name of what goes, as the message says.',
  },
  environment_closing: {
    status: 409,
    title: 'The environment is being removed',
    help: 'Look how far it is: `towpath env`. Once it is gone, it may be added again.',
  },
  still_live: {
    status: 409,
    title: 'Something is live there',
    help: 'Tear it down with it: `towpath env remove <name> --teardown`.',
  },
  not_waiting: {
    status: 409,
    title: 'It does not wait for an answer',
    help: 'See where it stands: `towpath run <number>`.',
  },
  already_ended: { status: 409, title: 'It has ended already', help: 'Start it again with `towpath rerun <number>`.' },
  not_ended: {
    status: 409,
    title: 'It has not ended yet',
    help: 'Cancel it first: `towpath cancel <number>`, or wait: `towpath wait <number>`.',
  },
  nothing_to_roll_back_to: {
    status: 409,
    title: 'No earlier release',
    help: 'Name one: `towpath rollback <service> --to v3`.',
  },
  artifact_gone: {
    status: 410,
    title: 'The artifact was collected',
    help: 'Build it again: `towpath deploy <service> --commit …`.',
  },
  same_release: { status: 409, title: 'It is what runs already', help: 'Nothing to do.' },
  no_release: { status: 409, title: 'Nothing is released there yet', help: 'Deploy first: `git push towpath main`.' },
  stale_epoch: {
    status: 409,
    title: 'An older server spoke',
    help: 'Nothing to do: another server has taken this over.',
  },
  stale_generation: { status: 409, title: 'An older table of routes', help: 'Nothing to do: a newer one is served.' },
  spec_differs: {
    status: 409,
    title: 'The key is used by another process',
    help: 'This is a defect in Towpath: please report it.',
  },
  port_taken: {
    status: 409,
    title: 'The port belongs to another process',
    help: 'Choose another port: Towpath does so by itself for replicas.',
  },
  unreadable_manifest: {
    status: 422,
    title: 'A file of the commit cannot be understood',
    help: 'Mend the file that the message names and push again.',
  },
  toolchain_missing: {
    status: 422,
    title: 'A toolchain is missing',
    help: 'Install what the message names on the machine where the service is built, and run it again: `towpath rerun <number>`.',
  },
  unreadable_settings: {
    status: 422,
    title: 'The towpath.yaml of the commit cannot be used',
    help: 'Mend the lines that the message names and push again. docs/reference/settings.md lists what is allowed.',
  },
  unreadable_report: {
    status: 422,
    title: 'A test report cannot be read',
    help: 'Let the test command write JUnit XML there, or nothing.',
  },
  refused_file: {
    status: 422,
    title: 'The build left something that cannot be deployed',
    help: 'Let the build remove or replace what the message names.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    help: 'Wait as long as the answer says, and ask less often. The limits are settings of the server: `limits` in its configuration.',
  },
  key_reused: {
    status: 422,
    title: 'The idempotency key belongs to another request',
    help: 'Give each request a key of its own; the same key is for the same request, sent again.',
  },
  answer_unknown: {
    status: 409,
    title: 'It was done, and its answer is not known',
    help: 'Look how it stands before you ask again: towpath status, towpath runs. (Or the server is still at it.)',
  },
  too_large: { status: 413, title: 'Too large', help: 'Raise the limit that the message names.' },
  database_away: {
    status: 503,
    title: 'The database does not answer',
    help: 'Towpath goes on by itself when it is back. See `towpath status`.',
  },
  database_too_old: {
    status: 503,
    title: 'PostgreSQL is too old',
    help: 'Point DATABASE_URL to PostgreSQL 15 or newer, or leave it out to use the embedded one.',
  },
  schema_newer: {
    status: 503,
    title: 'The database belongs to a newer Towpath',
    help: 'Start the newer version again, or restore the database as it was before the upgrade.',
  },
  secret_refused: {
    status: 500,
    title: 'A secret of the installation cannot be used',
    help: 'Mend the file that the message names, or put the copy of it back.',
  },
  secret_unreadable: {
    status: 500,
    title: 'A stored secret cannot be opened',
    help: 'Put the copy of the key file back that it was stored with, or set it again: `towpath secret set`.',
  },
  supervisor_away: {
    status: 503,
    title: 'The supervisor does not answer',
    help: 'It is restarted by itself; if not: `towpath up`.',
  },
  router_away: {
    status: 503,
    title: 'The router does not answer',
    help: 'It is restarted by itself; if not: `towpath up`.',
  },
  server_away: {
    status: 503,
    title: 'No server answers',
    help: 'It is restarted by itself; if not: `towpath up`.',
  },
  unusable_folder: {
    status: 409,
    title: 'The data folder cannot be used',
    help: 'Choose another one: `towpath up --data <folder>`.',
  },
  unsafe_file: { status: 409, title: 'A private file is open to others', help: 'Close it: `chmod 600 <file>`.' },
  port_in_use: { status: 409, title: 'The port is taken', help: 'Choose another one: `--listen` or `--control`.' },
  database_unusable: {
    status: 409,
    title: 'The database cannot be used',
    help: 'Give one of PostgreSQL 15 or newer: `DATABASE_URL=… towpath up`.',
  },
  busy: { status: 409, title: 'Another command is at work there', help: 'Wait until it is done and try again.' },
  part_failed: { status: 500, title: 'A part of Towpath does not start', help: 'The message names its log.' },
  git_missing: {
    status: 503,
    title: 'git is missing or too old',
    help: 'Install git 2.30 or newer: `apt-get install git`.',
  },
  no_port: {
    status: 507,
    title: 'No port is left for a replica',
    help: 'Widen `replicaPorts` in the configuration of the server.',
  },
  disk_full: { status: 507, title: 'The disk is full', help: 'Free some space on the volume that the message names.' },
  internal: {
    status: 500,
    title: 'A defect in Towpath',
    help: 'Look into the server log: `towpath status` names the file.',
  },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errors;
export const ErrorCode = z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]);

export const ErrorBody = z.object({
  code: ErrorCode,
  message: z.string(),
  /** What to do about it, often a command to type. */
  help: z.string(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** An error as HTTP answers with it: the problem details of RFC 9457 (`application/problem+json`), and two members of our own. */
export const Problem = z.object({
  /** Where it is described, relative to the API. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What happened here, naming the thing and the value. */
  detail: z.string(),
  code: ErrorCode,
  /** What to do about it, often a command to type. */
  help: z.string(),
});
export type Problem = z.infer<typeof Problem>;

/** An error with a code of the catalogue. The message says what happened, naming the thing and the value. */
export class TowpathError extends Error {
  readonly code: ErrorCode;
  readonly help: string;
  constructor(code: ErrorCode, message: string, options: { help?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TowpathError';
    this.code = code;
    this.help = options.help ?? errors[code].help;
  }
  get status(): number {
    return errors[this.code].status;
  }
  get problem(): Problem {
    const { status, title } = errors[this.code];
    const { code, message: detail, help } = this;
    return { type: `/api/docs#${code}`, title, status, detail, code, help };
  }
  get body(): ErrorBody {
    return { code: this.code, message: this.message, help: this.help };
  }
}

/** Is it an error of the catalogue with this code? */
export function isCode(error: unknown, code: ErrorCode): error is TowpathError {
  return error instanceof TowpathError && error.code === code;
}

/**
 * Turns problem details, or the `{error: …}` of router and supervisor, back into the error; anything else becomes `internal` with what
 * was received.
 */
export function errorFromBody(body: unknown, status: number): TowpathError {
  const problem = Problem.safeParse(body);
  if (problem.success) return new TowpathError(problem.data.code, problem.data.detail, { help: problem.data.help });
  const parsed = z.object({ error: ErrorBody }).safeParse(body);
  if (parsed.success)
    return new TowpathError(parsed.data.error.code, parsed.data.error.message, { help: parsed.data.error.help });
  return new TowpathError('internal', `unexpected answer with status ${status}`);
}
