import { join } from 'node:path';
import type { Source } from './source.ts';

/** A file of a commit: its text, or what else it is. */
export type SourceFile =
  | string
  | { readonly executable: string }
  | { readonly link: string }
  | { readonly submodule: string };

export interface SourceCommit {
  readonly branch: string;
  readonly files?: Readonly<Record<string, SourceFile>>;
  readonly message?: string;
  readonly author?: string;
}

/** What the suite needs beside the driver itself. */
export interface SourceHarness {
  readonly source: Source;
  /** A second driver over the same repositories, as another server has it. */
  attach(): Promise<Source>;
  /** Somebody pushes a commit with exactly these files; gives its id. */
  push(repository: string, commit: SourceCommit): Promise<string>;
  tag(repository: string, name: string, commit: string): Promise<void>;
  deleteBranch(repository: string, branch: string): Promise<void>;
  /** An existing folder to check out below. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Of a commit that no repository has. */
export const unknownId = '1'.repeat(40);

/** What the tests of the suite share: the driver, and names that no other test uses. */
export class Scene {
  readonly harness: SourceHarness;
  #count = 0;

  constructor(harness: SourceHarness) {
    this.harness = harness;
  }

  get source(): Source {
    return this.harness.source;
  }

  name(): string {
    return `shop/s${++this.#count}`;
  }

  /** A prepared repository. */
  async fresh(): Promise<string> {
    const repository = this.name();
    await this.source.prepare(repository);
    return repository;
  }

  /** Where a checkout may go; nothing is there yet. */
  freshFolder(): string {
    return join(this.harness.folder, `checkout ${++this.#count} ä`);
  }
}
