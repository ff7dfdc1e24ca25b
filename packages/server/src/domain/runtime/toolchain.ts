import { z } from 'zod';

/** A toolchain that commands are run with, as runs and releases keep it. */
export const Toolchain = z.object({
  /** As people call it: node, python, go. */
  name: z.string(),
  /** As it names itself: `22.14.0`; empty where that is known only when it is used. */
  version: z.string(),
  /** Where it was found, for people: `~/.nvm`. */
  place: z.string(),
  /** Absolute: the folder with its programs, put before the PATH. */
  bin: z.string().startsWith('/'),
  /** Absolute: the program that must be there for the folder to be of use. */
  program: z.string().startsWith('/'),
  /** What its own tools look at besides the PATH, as JAVA_HOME. */
  env: z.record(z.string(), z.string()).default({}),
});
export type Toolchain = z.infer<typeof Toolchain>;

/** A toolchain as a look at the machine finds it. */
export interface FoundToolchain extends Toolchain {
  /** The PATH leads to it. */
  readonly onPath: boolean;
  /** What is on the PATH is a stand-in, which decides anew in each folder: only its own folder in front makes it certain. */
  readonly standIn?: boolean;
  /** Who would get what the commit's own file names, of those that fetch it when it is used: corepack, rustup. */
  readonly fetches?: string;
  /** Of Rust: `nightly-2026-01-01`. */
  readonly channel?: string;
  /** Programs to be made in `bin` under usual names, with the words that start them: `python3` → `/usr/bin/python3.12`. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
}
