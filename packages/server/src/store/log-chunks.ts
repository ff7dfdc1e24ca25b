import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Db } from './connect.ts';
import { and, asc, eq, gt, sql } from './drizzle.ts';
import { keptLogChunks, logChunks } from './schema.ts';

/** A piece of a log: its bytes, where they lie in it, how many lines end before them, and when the first of them came. */
export interface LogChunk {
  readonly offset: number;
  readonly lines: number;
  readonly at: Date;
  readonly bytes: Buffer;
}

/** Of one read, so that a reader holds no more than this many chunks at a time. */
const mostChunks = 16;
/** The quickest: what is stored is printed text, which any level makes short. */
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Shorter ones don't get shorter. */
const leastBytes = 200;

/** What is shorter than the bytes themselves is compressed; all else is stored as it is. */
export function packed(bytes: Buffer): Buffer {
  if (bytes.length < leastBytes) return bytes;
  const short = zstdCompressSync(bytes, level);
  return short.length < bytes.length ? short : bytes;
}

const unpacked = ({ bytes, data }: { readonly bytes: number; readonly data: Buffer }): Buffer =>
  data.length < bytes ? zstdDecompressSync(data) : data;

/**
 * What is stored of a log from a position on, in order and as far as one read goes; the first chunk may begin before it. Where days were
 * dropped there is a gap between two chunks, or before the first.
 */
export async function readChunks(db: Db, logId: number, from: number): Promise<LogChunk[]> {
  const chunks = await readFrom(db, logChunks, logId, from);
  const [first] = chunks;
  if (first !== undefined && first.offset <= from) return chunks;
  // Its days were dropped, or there is nothing yet.
  const kept = await readFrom(db, keptLogChunks, logId, from);
  return first === undefined ? kept : [...kept.filter((each) => each.offset < first.offset), ...chunks];
}

async function readFrom(
  db: Db,
  table: typeof logChunks | typeof keptLogChunks,
  logId: number,
  from: number,
): Promise<LogChunk[]> {
  const rows = await db
    .select({ offset: table.offset, bytes: table.bytes, lines: table.lines, at: table.at, data: table.data })
    .from(table)
    .where(
      and(eq(table.logId, logId), gt(table.offset, from - mostChunkBytes), gt(sql`${table.offset} + ${table.bytes}`, from)),
    )
    .orderBy(asc(table.offset))
    .limit(mostChunks);
  return rows.map((row) => ({ offset: row.offset, lines: row.lines, at: row.at, bytes: unpacked(row) }));
}

/** Of the log, in one row. */
export const mostChunkBytes = 64_000;
