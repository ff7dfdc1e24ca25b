import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file outside of everything that Towpath keeps, to which a stage's command appends a line whenever it really runs. */
export class SideFile {
  readonly path: string;

  constructor(folder: string, name: string) {
    this.path = join(folder, name);
  }

  /** The shell line for the stage. */
  get command(): string {
    return `echo "$TOWPATH_RUN" >> '${this.path}'`;
  }

  /** The runs that ran it, in order. */
  get runs(): number[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, 'utf8').trimEnd().split('\n').map(Number);
  }
}
