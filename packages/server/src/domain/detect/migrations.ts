import type { Notice } from './found.ts';

/** Changes of the database are run only where somebody asked for it. */
export function migrationNotice(tool: string, origin: string, command: string): Notice {
  return {
    text: `${tool} keeps changes of the database here; nothing runs them yet`,
    origin,
    help: `Run them before each release goes live, by a line of the Procfile: \`release: ${command}\`.`,
  };
}
