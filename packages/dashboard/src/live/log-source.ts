import { client, isAway } from '../transport/client.ts';

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

/** Between two tries to go on, in milliseconds. */
const retryMs = 1_000;

/** Pieces of an attempt's log from its beginning, as they are written, until its end. A lost connection is taken up where it broke. */
export async function* logPieces(of: LogOf, signal: AbortSignal): AsyncGenerator<LogPiece> {
  const decoder = new TextDecoder();
  const { run, stage, attempt } = of;
  let offset = 0;
  for (;;) {
    try {
      const query = { stage, attempt, offset, follow: 'true' } as const;
      const stream = await client.stream('runLog', { params: { run }, query, signal });
      for await (const piece of stream) {
        offset += piece.length;
        yield { text: decoder.decode(piece, { stream: true }), at: null };
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      // What broke off is a network's own error; Towpath's say what is wrong.
      if (!isAway(error) && !(error instanceof TypeError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** Where the log is as the bytes that were written. */
export const rawLog = ({ run, stage, attempt }: LogOf): string =>
  `/api/runs/${run}/log?${new URLSearchParams({ stage, attempt: String(attempt) })}`;
