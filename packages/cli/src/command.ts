import type { Command } from 'commander';

/** The whole command line; of the verbs that are wanted with arguments and options, of the others by name. */
export type BuildProgram = (wanted: (verb: string) => boolean) => Promise<Command>;

/** One verb: how it looks in the list of commands, and the module that is loaded when it is asked for. */
export interface Verb {
  readonly summary: string;
  readonly load: () => Promise<{ readonly configure: (command: Command, build: BuildProgram) => void }>;
}

/** Every verb, in the order of the help text. A file in commands/ for each. */
export const verbs: Readonly<Record<string, Verb>> = {
  up: { summary: 'set Towpath up on this host and start it', load: () => import('./commands/up.ts') },
  down: { summary: 'stop Towpath on this host', load: () => import('./commands/down.ts') },
  login: { summary: 'log in to a Towpath on another host', load: () => import('./commands/login.ts') },
  logout: { summary: 'forget a Towpath and its token', load: () => import('./commands/logout.ts') },
  init: { summary: 'make this repository or folder a service', load: () => import('./commands/init.ts') },
  service: { summary: "show or change a service's settings", load: () => import('./commands/service.ts') },
  path: {
    summary: 'show the stages of a commit, and where each setting comes from',
    load: () => import('./commands/path.ts'),
  },
  project: {
    summary: "show or change what holds for a project's services",
    load: () => import('./commands/project.ts'),
  },
  status: { summary: 'what runs where, and what waits for you', load: () => import('./commands/status.ts') },
  traffic: {
    summary: "users' requests by release: how many, how many failed, how long they took",
    load: () => import('./commands/traffic.ts'),
  },
  runs: { summary: 'list runs', load: () => import('./commands/runs.ts') },
  run: { summary: 'show one run with its stages', load: () => import('./commands/run.ts') },
  logs: { summary: "print the output of a run's stage, or of a service", load: () => import('./commands/logs.ts') },
  wait: { summary: 'follow a run until it ends or waits for you', load: () => import('./commands/wait.ts') },
  approve: { summary: 'answer the approval that a run waits for', load: () => import('./commands/approve.ts') },
  cancel: { summary: 'end a run and all that it started', load: () => import('./commands/cancel.ts') },
  rerun: { summary: 'do an ended run again from a stage on', load: () => import('./commands/rerun.ts') },
  env: { summary: 'list, add, change and remove environments', load: () => import('./commands/env.ts') },
  deploy: { summary: 'start a run without a push', load: () => import('./commands/deploy.ts') },
  releases: { summary: 'list the releases of an environment', load: () => import('./commands/releases.ts') },
  promote: { summary: 'bring a release to the next environment', load: () => import('./commands/promote.ts') },
  rollback: { summary: 'go back to an earlier release', load: () => import('./commands/rollback.ts') },
  hold: { summary: 'stop automatic deployment to an environment', load: () => import('./commands/hold.ts') },
  unhold: { summary: 'lift a hold', load: () => import('./commands/unhold.ts') },
  config: { summary: 'show and change variables', load: () => import('./commands/config.ts') },
  secret: { summary: 'set and remove secrets', load: () => import('./commands/secret.ts') },
  scale: { summary: 'change the number of replicas', load: () => import('./commands/scale.ts') },
  teardown: { summary: 'take a service out of an environment', load: () => import('./commands/teardown.ts') },
  exec: { summary: 'run a command beside the live release', load: () => import('./commands/exec.ts') },
  'run-job': { summary: 'run a job that a service declares', load: () => import('./commands/run-job.ts') },
  doctor: {
    summary: 'look whether everything that Towpath needs is there',
    load: () => import('./commands/doctor.ts'),
  },
  dashboard: { summary: 'open the dashboard', load: () => import('./commands/dashboard.ts') },
  open: { summary: 'show where a service answers', load: () => import('./commands/open.ts') },
  docs: { summary: 'the manual: commands, settings, errors', load: () => import('./commands/docs.ts') },
  completion: { summary: 'complete commands in your shell', load: () => import('./commands/completion.ts') },
  demo: { summary: 'see it all at work with two example services', load: () => import('./commands/demo.ts') },
  'git-credential': { summary: '', load: () => import('./commands/git-credential.ts') },
  version: { summary: 'print the version', load: () => import('./commands/version.ts') },
};
