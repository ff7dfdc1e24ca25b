/** One process as the machine shows it. Zombies are left out: they hold nothing, and a careless init may never collect them. */
export interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Start time, in whatever unit the machine has: equal means the same process. */
  readonly start: string;
  /** The value of TOWPATH_PROCESS that it inherited; null: none, or the machine does not show it. */
  readonly marker: string | null;
  /**
   * The files and pipes (fileId) that it prints to, read only where no marker is seen: PostgreSQL writes its title over the environment,
   * others clear it, and still print to the log that they inherited.
   */
  readonly prints: readonly string[];
}

export interface ProcessTable {
  /** What start times are counted from: the same pid and start under another boot is another process. */
  readonly boot: string;
  /** Whether rows show the markers of this user's processes: then one without it is not a kept process. */
  readonly showsMarkers: boolean;
  /** All processes, looked up after this call; one that ended in the last second may still be among them: startOf knows. */
  look(): Promise<readonly Row[]>;
  /** Start time of a living process; null when there is none of this pid. */
  startOf(pid: number): string | null;
  /** The pipe (fileId) that a child of this process prints to or reads from; null when there is none, or the machine does not show it. */
  pipeBelow(pid: number): string | null;
  /** A short name for people: program and script, never its options (they may hold secrets). */
  commandOf(pid: number): string;
}

/** The reading part of a table, made by each kind of machine. */
export interface TableReader extends Omit<ProcessTable, 'look'> {
  read(): readonly Row[];
}

/** A program and what it runs (`node server.js`): at most two words, and nothing that looks like an option. */
export function shortCommand(argv: readonly string[]): string {
  const [program = '', script = ''] = argv;
  const words = script === '' || script.startsWith('-') ? [program] : [program, script];
  return words
    .join(' ')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 120);
}
