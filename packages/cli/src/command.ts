import type { Command } from 'commander';

/** One verb: how it looks in the list of commands, and the module that is loaded when it is asked for. */
export interface Verb {
  readonly summary: string;
  readonly load: () => Promise<{ readonly configure: (command: Command) => void }>;
}

/** Every verb, in the order of the help text. A file in commands/ for each. */
export const verbs: Readonly<Record<string, Verb>> = {
  up: { summary: 'set Towpath up on this host and start it', load: () => import('./commands/up.ts') },
  down: { summary: 'stop Towpath on this host', load: () => import('./commands/down.ts') },
  version: { summary: 'print the version', load: () => import('./commands/version.ts') },
};
