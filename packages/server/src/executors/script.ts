/**
 * What a command of the conformance suite does, as data: fake/ acts it out, process/testing/actor.ts really does it.
 * A script that comes to its end exits with code 0.
 */
export type Step =
  | { readonly do: 'print'; readonly text: string }
  /** The lines `line 0` … in one go; the last one ends with a line break too. */
  | { readonly do: 'print-lines'; readonly count: number }
  | { readonly do: 'print-bytes'; readonly base64: string }
  /** What it was given, as one line of JSON. `argv` is what follows the script. */
  | { readonly do: 'report'; readonly what: 'argv' | 'env' | 'cwd' }
  /** Leaves a trace that the suite counts, with the process that left it. */
  | { readonly do: 'mark'; readonly name: string }
  /** Goes on when the suite opens the gate. */
  | { readonly do: 'await-gate'; readonly name: string }
  /** From now on SIGTERM is ignored, or prints `told to stop` and exits with 0. Otherwise it ends the process. */
  | { readonly do: 'on-term'; readonly answer: 'ignore' | 'exit' }
  /** Starts a child with its own script, in the same group or in a session of its own; doesn't wait for it. */
  | { readonly do: 'start-child'; readonly script: Script; readonly detached: boolean }
  | { readonly do: 'exit'; readonly code: number }
  | { readonly do: 'end-itself'; readonly signal: 'SIGKILL' | 'SIGTERM' };

export type Script = readonly Step[];
