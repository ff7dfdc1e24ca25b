import type { Changes } from '../store/changes.ts';
import type { Db } from '../store/connect.ts';
import { readLog } from '../store/log-chunks.ts';
import { type LogPage, pageOf } from './pages.ts';

/** Pages that are kept for those who come just behind, over all logs. */
const mostPages = 64;

/**
 * Reads each part of a log once for all who follow it on this server: whoever stands where another one has just read gets what that one
 * got. A page is what had come by then; the next one begins behind it.
 */
export class SharedReads {
  readonly #db: Db;
  /** By log and position, the least lately used first. */
  readonly #pages = new Map<string, LogPage>();
  readonly #reading = new Map<string, Promise<LogPage | null>>();

  constructor(db: Db, changes: Pick<Changes, 'on'>) {
    this.#db = db;
    // A read that was begun before something came may not have seen it: who is told of it must not be given that one.
    changes.on('log', () => this.#reading.clear());
  }

  /** Null: nothing of this log is there yet. */
  async read(key: string, from: number): Promise<LogPage | null> {
    const at = `${from} ${key}`;
    const known = this.#pages.get(at);
    if (known !== undefined) {
      this.#remember(at, known);
      return known;
    }
    const begun = this.#reading.get(at);
    if (begun !== undefined) return begun;
    const reading = this.#read(key, from, at).finally(() => {
      if (this.#reading.get(at) === reading) this.#reading.delete(at);
    });
    this.#reading.set(at, reading);
    return reading;
  }

  async #read(key: string, from: number, at: string): Promise<LogPage | null> {
    const part = await readLog(this.#db, key, from);
    if (part === null) return null;
    const page = pageOf(part, from, false);
    if (page.pieces.length > 0) this.#remember(at, page);
    return page;
  }

  #remember(at: string, page: LogPage): void {
    this.#pages.delete(at);
    this.#pages.set(at, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > mostPages && oldest !== undefined) this.#pages.delete(oldest);
  }
}
