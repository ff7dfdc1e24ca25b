import type { Start } from '../path/settings.ts';
import type { FileView } from './files.ts';

/** A value with its evidence in plain words: `pnpm-lock.yaml`, `package.json, script "test"`. */
export interface Found<T = string> {
  readonly value: T;
  readonly origin: string;
}

/** A program that the commands need on the PATH. */
export interface Tool {
  /** As people call it: node, pnpm, python, uv, go, rust, java, hugo, … */
  readonly name: string;
  /** A version or range as it is written in the commit (`>=20`, `3.12`, `10.4.1`); null when any will do. */
  readonly wanted: string | null;
  readonly origin: string;
}

/** What a check of the quality stage is called by: `lint`, `types`, `format`. They run in this order. */
export interface Check {
  readonly name: 'lint' | 'types' | 'format';
  readonly command: string;
  readonly origin: string;
}

/** Something that was seen and will be taken by something else, or will not work, with the way out. */
export interface Notice {
  readonly text: string;
  readonly origin: string;
  readonly help: string;
}

/** What must be asked, and the setting that answers it. */
export interface Question {
  readonly setting: 'start' | 'folder';
  readonly text: string;
}

export interface DependencyCache {
  /** Files that the cache is keyed by. Like the folders, from the top of the repository. */
  readonly keys: readonly string[];
  readonly folders: readonly string[];
  /** May a hit stand for the install command? When not, the command runs over what was restored, and is faster for it. */
  readonly replacesInstall: boolean;
}

/** A further process type; it takes no requests. */
export interface ServiceProcess {
  readonly name: string;
  readonly kind: 'worker';
  readonly command: string;
  readonly origin: string;
}

/** What one commit says of one service. Commands run in the service's folder, by `sh`. */
export interface Detected {
  /** What it is written in, for people: `Node 22 with pnpm`; null when nothing was recognised. */
  readonly kind: Found | null;
  readonly tools: readonly Tool[];
  readonly install: Found | null;
  readonly quality: readonly Check[];
  readonly test: Found | null;
  readonly build: Found | null;
  /** Runs before a release goes live. */
  readonly release: Found | null;
  readonly start: Start | null;
  readonly processes: readonly ServiceProcess[];
  /** The path that answers whether it is well, such as `/healthz`. */
  readonly health: Found | null;
  readonly cache: DependencyCache | null;
  /**
   * Folders of programs that the dependencies bring, relative to the service's folder: to be put before the PATH of every command. Those
   * found by detection do without; those of a Procfile and of people (`web: gunicorn app:app`) rely on it.
   */
  readonly path: readonly string[];
  readonly notices: readonly Notice[];
  /** Asked only where a service could not go live without the answer. */
  readonly question: Question | null;
}

/** What one ecosystem (Node, Python, …) finds. */
export interface Findings extends Omit<Detected, 'kind' | 'processes' | 'question' | 'release'> {
  readonly kind: Found;
  /** Changes of a database that nothing runs yet; said where there is no release command. */
  readonly migrations: readonly Notice[];
  /** It is an application of this ecosystem for certain, even where its start is not known. */
  readonly certain: boolean;
  /** Source files that may say where it listens and how it is asked whether it is well. */
  readonly sources: readonly string[];
  /** What to ask for when nothing to start was found; null leaves that to the others. */
  readonly ask: string | null;
}

/** A service's folder within its repository. */
export interface Place {
  /** The whole repository. */
  readonly repository: FileView;
  /** Of the service, from the top of the repository; `.` for the top. */
  readonly folder: string;
  /** The service's own files. */
  readonly files: FileView;
}

export type Ecosystem = (place: Place) => Findings | null;

export const nothing: Omit<Findings, 'kind'> = {
  tools: [],
  install: null,
  quality: [],
  test: null,
  build: null,
  start: null,
  health: null,
  cache: null,
  path: [],
  notices: [],
  migrations: [],
  certain: false,
  sources: [],
  ask: null,
};

/** `Node 22`, `Node 20+` for a range without an end, or `Node` when any version will do. */
export function versioned(name: string, tool: Pick<Tool, 'wanted'> | undefined): string {
  return tool?.wanted ? `${name} ${tool.wanted.replace(/^>=\s*([\d.]+)$/, '$1+')}` : name;
}

/** A word that the shell takes literally. */
export function word(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
