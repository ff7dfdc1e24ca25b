import { client } from '../transport/client.ts';

export interface LogOf {
  readonly run: number;
  readonly stage: string;
  readonly attempt: number;
}
export interface LogPiece {
  readonly text: string;
  /** When it was written, ISO 8601; null: unknown. */
  readonly at: string | null;
}

/** Pieces of an attempt's log from its beginning, as they are written, until its end. */
export async function* logPieces({ run, stage, attempt }: LogOf, signal: AbortSignal): AsyncIterable<LogPiece> {
  const decoder = new TextDecoder();
  const stream = await client.stream('runLog', { params: { run }, query: { stage, attempt, follow: 'true' }, signal });
  for await (const piece of stream) yield { text: decoder.decode(piece, { stream: true }), at: null };
}

/** Where the log is as the bytes that were written. */
export const rawLog = ({ run, stage, attempt }: LogOf): string =>
  `/api/runs/${run}/log?${new URLSearchParams({ stage, attempt: String(attempt) })}`;
