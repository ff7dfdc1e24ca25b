import { client } from '../transport/client.ts';

export interface LogOf {
  readonly run: number;
  readonly stage: string;
  readonly attempt: number;
}
export interface LogPiece {
  readonly text: string;
  /** When it was written, ISO 8601. */
  readonly at: string;
}

/** Pieces of an attempt's log from its beginning, as they are written, until its end; over lost connections and other servers. */
export async function* logPieces({ run, stage, attempt }: LogOf, signal: AbortSignal): AsyncGenerator<LogPiece> {
  const patienceMs = Number.POSITIVE_INFINITY;
  const messages = client.follow('streamRunLog', { params: { run }, query: { stage, attempt }, signal, patienceMs });
  for await (const { data } of messages) if (data !== undefined) yield { text: data.text, at: data.at };
}

/** Where the log is as the bytes that were written. */
export const rawLog = ({ run, stage, attempt }: LogOf): string =>
  `/api/runs/${run}/log?${new URLSearchParams({ stage, attempt: String(attempt) })}`;
