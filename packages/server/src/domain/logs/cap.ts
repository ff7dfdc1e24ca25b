/** What is kept of an output that goes past the most that is kept: its beginning and, when it has ended, its end. */
export interface LogLimits {
  /** Bytes of a log; then only the end of what follows is kept. */
  readonly mostBytes: number;
  /** Bytes of that end. */
  readonly tailBytes: number;
}

export function cappedNotice(limits: LogLimits): string {
  return `\n[towpath] this log has come to ${inWords(limits.mostBytes)}, the most that is kept: of what follows only the end will be, the last ${inWords(limits.tailBytes)}\n`;
}

export function leftOutNotice(bytes: number): string {
  return `\n[towpath] ${inWords(bytes)} are left out here\n`;
}

/** Days whose raw log is no longer kept, where a reader comes to them. */
export function goneNotice(bytes: number): string {
  return `[towpath] ${inWords(bytes)} of this log are no longer kept\n`;
}

function inWords(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}

/** The last bytes of what is taken, and how many came before them. Never holds more than twice as many. */
export class Tail {
  readonly #most: number;
  #kept: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(bytes: Uint8Array): void {
    this.#taken += bytes.length;
    this.#kept = Buffer.concat([this.#kept, bytes.subarray(-this.#most)]).subarray(-this.#most);
  }

  get bytes(): Buffer {
    return this.#kept;
  }

  get leftOut(): number {
    return this.#taken - this.#kept.length;
  }
}
