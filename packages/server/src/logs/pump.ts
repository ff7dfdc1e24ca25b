import type { Claim } from '../domain/claim.ts';
import { cappedNotice, type LogLimits, leftOutNotice, Tail } from '../domain/logs/cap.ts';
import { failpoint } from '../failpoints.ts';
import type { Mask, Masker } from '../secrets/mask.ts';
import type { Db } from '../store/connect.ts';
import { dayOf } from '../store/log-days.ts';
import { addToLog, findLog, type LogPosition, type LogRow } from '../store/logs.ts';
import { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';

/** Whose output goes where. */
export interface Pumped {
  /** Of the log. */
  readonly key: string;
  /** Of the process that prints. */
  readonly source: string;
  /** Null: nobody has a claim on it; whoever stores it, no byte is stored twice. */
  readonly claim: Claim | null;
  readonly mask: Mask;
  /** Of a replica: its target. */
  readonly targetId?: number;
  /** Its output from a byte offset until it has ended; throws when it breaks off. */
  readonly read: (offset: number, signal: AbortSignal) => AsyncIterable<Buffer>;
}

/**
 * Stores what a process prints, from where whoever did so before left off: through the mask, in batches, up to the most that is kept.
 * Resolves when it has ended and all of it is stored. Throws StaleClaim, LogMoved, and what `read` throws; then it is to be begun again.
 */
export async function pump(db: Db, limits: LogLimits, pumped: Pumped, pace?: Pace): Promise<void> {
  const stop = new AbortController();
  const row = await findLog(db, pumped.key);
  const intake = new Intake({ db, limits, pumped, row, pace, onFailure: () => stop.abort() });
  try {
    let read = row?.source === pumped.source ? row.raw : 0;
    for await (const bytes of pumped.read(read, stop.signal)) {
      read += bytes.length;
      await intake.take(bytes, read);
    }
    await intake.end(read);
  } catch (error) {
    throw intake.failure ?? error;
  } finally {
    intake.close();
  }
}

interface Taking {
  readonly db: Db;
  readonly limits: LogLimits;
  readonly pumped: Pumped;
  /** The log as it was left. */
  readonly row: LogRow | null;
  readonly pace: Pace | undefined;
  readonly onFailure: () => void;
}

/** One pump's way from raw bytes to the store. */
class Intake {
  readonly #masker: Masker;
  readonly #outbox: Outbox;
  readonly #limits: LogLimits;
  /** The most that is kept of a replica is meant for a day of its life: it has no end. */
  readonly #daily: boolean;
  #day = dayOf(new Date());
  /** Of the log, or of its day, with what waits to be written. */
  #size: number;
  /** Up to where the output is covered by that. */
  #raw: number;
  /** The same with what the tail has taken. */
  #left = 0;
  /** Once the log is full: the end of what comes still. */
  #tail: Tail | null;

  constructor({ db, limits, pumped, row, pace, onFailure }: Taking) {
    const { key, source, claim, mask, targetId = null } = pumped;
    const goesOn = row?.source === source;
    this.#masker = mask.stream();
    this.#limits = limits;
    this.#daily = targetId !== null;
    this.#size = this.#daily ? 0 : (row?.size ?? 0);
    this.#raw = goesOn ? row.raw : 0;
    this.#tail = goesOn && row.capped && !this.#daily ? new Tail(limits.tailBytes) : null;
    let before: LogPosition | null = row;
    this.#outbox = new Outbox(async (pieces, raw) => {
      failpoint('log.read');
      pace?.stored(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
      const after = { source, raw };
      await addToLog(db, claim, { key, before, after, pieces, capped: this.#tail !== null, targetId });
      before = after;
      failpoint('log.stored');
    }, onFailure);
  }

  get failure(): unknown {
    return this.#outbox.failure;
  }

  async take(bytes: Buffer, read: number): Promise<void> {
    await this.#give(this.#masker.push(bytes), read - this.#masker.held);
  }

  /** The process has ended: what is held back goes too, and the end of what was left out. */
  async end(read: number): Promise<void> {
    await this.#give(this.#masker.flush(), read);
    await this.#giveTail(read);
    await this.#outbox.empty();
  }

  close(): void {
    this.#outbox.close();
  }

  /** `raw`: where reading is to begin again once these bytes are stored. */
  async #give(masked: Uint8Array, raw: number): Promise<void> {
    const bytes = Buffer.from(masked.buffer, masked.byteOffset, masked.byteLength);
    if (this.#daily && this.#day !== dayOf(new Date())) {
      this.#day = dayOf(new Date());
      this.#size = 0;
      await this.#giveTail(this.#left);
      this.#tail = null;
    }
    if (this.#tail === null && this.#size < this.#limits.mostBytes) {
      this.#size += bytes.length;
      this.#raw = raw;
      return this.#outbox.put(bytes, raw);
    }
    if (bytes.length === 0) return;
    if (this.#tail === null) {
      this.#tail = new Tail(this.#limits.tailBytes);
      // The position stays: whoever goes on reads what follows again, for its end.
      await this.#outbox.put(Buffer.from(cappedNotice(this.#limits)), this.#raw);
    }
    this.#tail.take(bytes);
    this.#left = raw;
  }

  async #giveTail(raw: number): Promise<void> {
    if (this.#tail === null || this.#tail.bytes.length === 0) return;
    const { leftOut, bytes } = this.#tail;
    const notice = leftOut === 0 ? '' : leftOutNotice(leftOut);
    await this.#outbox.put(Buffer.concat([Buffer.from(notice), bytes]), raw);
  }
}
