import { useEffect, useState } from 'react';
import { type LogSource, replicaPieces } from '../../live/log-source.ts';
import { type Lines, LogLines } from '../../words/log-lines.ts';
import { ReplicaLog } from '../../words/replica-log.ts';

export interface Log<L extends Lines = Lines> {
  readonly lines: L;
  /** Grows with every change of `lines`. */
  readonly version: number;
  /** It came to its end. */
  readonly whole: boolean;
  readonly error: unknown;
}

/** The lines of a log as they come. */
export const useLog = (source: LogSource): Log =>
  useGrowing(
    () => new LogLines(),
    async (lines, came, signal) => {
      for await (const { text, at } of source.pieces(signal)) {
        lines.append(text, at);
        came();
      }
    },
    source.key,
  );

/** What all replicas print, as one log; without end. */
export const useReplicaLog = (service: string, environment: string): Log<ReplicaLog> =>
  useGrowing(
    () => new ReplicaLog(),
    async (lines, came, signal) => {
      for await (const { replica, text, at } of replicaPieces(service, environment, signal)) {
        lines.append(replica, text, at);
        came();
      }
    },
    `${service}/${environment}`,
  );

/** Reads from the beginning whenever `key` is another; a screen's refresh takes all that came since the last. */
function useGrowing<L extends Lines>(
  make: () => L,
  read: (lines: L, came: () => void, signal: AbortSignal) => Promise<void>,
  key: string,
): Log<L> {
  const [log, setLog] = useState<Log<L>>(() => ({ lines: make(), version: 0, whole: false, error: null }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is read
  useEffect(() => {
    const end = new AbortController();
    const lines = make();
    let frame = 0;
    let version = 0;
    const show = (rest: Partial<Log<L>> = {}): void => {
      cancelAnimationFrame(frame);
      frame = 0;
      if (end.signal.aborted) return;
      setLog({ lines, version: ++version, whole: false, error: null, ...rest });
    };
    const came = (): void => {
      if (frame === 0) frame = requestAnimationFrame(() => show());
    };
    show();
    read(lines, came, end.signal).then(
      () => show({ whole: true }),
      (error: unknown) => show({ error }),
    );
    return () => {
      end.abort();
      cancelAnimationFrame(frame);
    };
  }, [key]);
  return log;
}
