import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Db } from './connect.ts';
import { sql } from './drizzle.ts';
import type { DailyTable } from './log-days.ts';

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

/** Of a log from a position on, in order, as far as one read goes. */
export interface LogPart {
  /** Bytes of the log. */
  readonly size: number;
  readonly capped: boolean;
  /** The first may begin before the position. Where days were dropped there is a gap between two, or before the first. */
  readonly chunks: readonly LogChunk[];
}

/** Null: nothing was ever stored under this key. */
export async function readLog(db: Db, key: string, from: number): Promise<LogPart | null> {
  const part = await readFrom(db, 'log_chunks', key, from);
  if (part === null || part.size <= from) return part;
  const [first] = part.chunks;
  if (first !== undefined && first.offset <= from) return part;
  const kept = (await readFrom(db, 'kept_log_chunks', key, from))?.chunks ?? [];
  if (first === undefined || kept.length === mostChunks) return { ...part, chunks: kept };
  return { ...part, chunks: [...kept.filter((each) => each.offset < first.offset), ...part.chunks] };
}

type Found = {
  readonly size: string;
  readonly capped: boolean;
  readonly offset: string | null;
  readonly bytes: number;
  readonly lines: string;
  readonly at: Date;
  readonly data: Buffer;
};

async function readFrom(db: Db, table: DailyTable, key: string, from: number): Promise<LogPart | null> {
  const chunks = sql.raw(`"${table}"`);
  const { rows } = await db.execute<Found>(sql`
    select logs.size, logs.capped, piece.* from logs left join lateral (
      select "offset", bytes, lines, at, data from ${chunks} as c
      where c.log_id = logs.id and c."offset" + c.bytes > ${from}::bigint and c."offset" >= coalesce((
        select max("offset") from ${chunks} as p where p.log_id = logs.id and p."offset" <= ${from}::bigint
      ), 0)
      order by c."offset" limit ${mostChunks}
    ) as piece on true where logs.key = ${key}`);
  const [log] = rows;
  if (log === undefined) return null;
  return {
    size: Number(log.size),
    capped: log.capped,
    chunks: rows.flatMap((row) => {
      if (row.offset === null) return [];
      const at = new Date(row.at);
      return [{ offset: Number(row.offset), lines: Number(row.lines), at, bytes: unpacked(row) }];
    }),
  };
}

/** Of the log, in one row. */
export const mostChunkBytes = 64_000;
