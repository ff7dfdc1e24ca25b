import { useEffect, useState } from 'react';
import { logPieces } from '../../live/log-source.ts';
import { LogLines } from '../../words/log-lines.ts';

export interface Log {
  readonly lines: LogLines;
  /** Grows with every change of `lines`. */
  readonly version: number;
  /** It came to its end. */
  readonly whole: boolean;
  readonly error: unknown;
}

/** The lines of an attempt's log as they come; a screen's refresh takes all that came since the last. */
export function useLog(run: number, stage: string, attempt: number): Log {
  const [log, setLog] = useState<Log>(empty);
  useEffect(() => {
    const end = new AbortController();
    const lines = new LogLines();
    let frame = 0;
    let version = 0;
    const show = (rest: Partial<Log> = {}): void => {
      cancelAnimationFrame(frame);
      frame = 0;
      if (end.signal.aborted) return;
      setLog({ lines, version: ++version, whole: false, error: null, ...rest });
    };
    show();
    const read = async (): Promise<void> => {
      for await (const { text, at } of logPieces({ run, stage, attempt }, end.signal)) {
        lines.append(text, at);
        if (frame === 0) frame = requestAnimationFrame(() => show());
      }
      show({ whole: true });
    };
    read().catch((error: unknown) => show({ error }));
    return () => {
      end.abort();
      cancelAnimationFrame(frame);
    };
  }, [run, stage, attempt]);
  return log;
}

const empty = (): Log => ({ lines: new LogLines(), version: 0, whole: false, error: null });
