import type { TrafficView } from '@towpath/contract';
import { useEffect, useState } from 'react';
import { client } from '../transport/client.ts';

export interface Traffic {
  /** Null: it is asked for. */
  readonly view: TrafficView | null;
  readonly error: unknown;
}

/** The requests of the last `seconds`, as they are counted. A page that nobody sees is told nothing: a browser has few connections. */
export function useTraffic(service: string, environment: string, seconds: number): Traffic {
  const [traffic, setTraffic] = useState<Traffic>({ view: null, error: null });
  useEffect(() => {
    let end: AbortController | null = null;
    const read = async (signal: AbortSignal): Promise<void> => {
      const params = { service, environment };
      const patienceMs = Number.POSITIVE_INFINITY;
      const messages = client.follow('streamTraffic', { params, query: { seconds }, signal, patienceMs });
      for await (const { data } of messages) if (data !== undefined) setTraffic({ view: data, error: null });
    };
    const look = (): void => {
      if (document.hidden) {
        end?.abort();
        end = null;
      } else if (end === null) {
        const mine = new AbortController();
        end = mine;
        read(mine.signal).catch((error: unknown) => {
          if (!mine.signal.aborted) setTraffic({ view: null, error });
        });
      }
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      end?.abort();
    };
  }, [service, environment, seconds]);
  return traffic;
}
