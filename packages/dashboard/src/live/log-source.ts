import type { StreamMessage } from '@towpath/contract';
import { client } from '../transport/client.ts';

export interface LogPiece {
  readonly text: string;
  /** When it was written, ISO 8601. */
  readonly at: string;
}

/** A line that the server found. */
export interface FoundLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}
export interface FoundLines {
  readonly matches: readonly FoundLine[];
  /** There are others behind the last one. */
  readonly more: boolean;
}

/** One log: where it comes from, and what else can be asked of it. */
export interface LogSource {
  /** Tells it from every other log. */
  readonly key: string;
  /** Pieces from the beginning, as they are written, until its end; over lost connections and other servers. */
  pieces(signal: AbortSignal): AsyncGenerator<LogPiece>;
  /** Where it is as the bytes that were written. */
  readonly raw: string;
  /** Looks for a text in all of it, also in what has not come yet; null: nobody can. */
  readonly find: ((text: string, signal: AbortSignal) => Promise<FoundLines>) | null;
}

const patienceMs = Number.POSITIVE_INFINITY;
const mostFound = 1_000;

/** An attempt of a stage. @param stage `unit`, `deploy/staging` */
export function stageLog(run: number, stage: string, attempt: number): LogSource {
  const params = { run };
  const of = { stage, attempt };
  return {
    key: `run/${run}/${stage}/${attempt}`,
    pieces: (signal) => piecesOf(client.follow('streamRunLog', { params, query: of, signal, patienceMs })),
    raw: `/api/runs/${run}/log?${new URLSearchParams({ stage, attempt: String(attempt) })}`,
    find: (q, signal) => client.call('searchRunLog', { params, query: { ...of, q, limit: mostFound }, signal }),
  };
}

export function jobLog(job: number): LogSource {
  return {
    key: `job/${job}`,
    pieces: (signal) => piecesOf(client.follow('streamJobLog', { params: { job }, signal, patienceMs })),
    raw: `/api/jobs/${job}/log`,
    find: null,
  };
}

async function* piecesOf(messages: AsyncIterable<StreamMessage<'streamRunLog'>>): AsyncGenerator<LogPiece> {
  let next = 0;
  for await (const { data } of messages) {
    if (data === undefined) continue;
    const { offset, text, at } = data;
    if (offset > next) yield { text: `… ${(offset - next).toLocaleString('en')} bytes are no longer kept\n`, at };
    next = data.next;
    yield { text, at };
  }
}

/** So much of what each replica printed before, in bytes. */
const tail = 100_000;

/** What the replicas of a service print in an environment, those of later releases too; without end. */
export async function* replicaPieces(
  service: string,
  environment: string,
  signal: AbortSignal,
): AsyncGenerator<LogPiece & { readonly replica: string }> {
  const params = { service, environment };
  const messages = client.follow('streamServiceLog', { params, query: { tail }, signal, patienceMs });
  for await (const { data } of messages) if (data !== undefined) yield data;
}

export const rawReplicaLog = (service: string, environment: string): string =>
  `/api/services/${encodeURIComponent(service)}/environments/${environment}/log?tail=1000000`;
