import { Mark } from '../parts/mark.tsx';
import { useNow } from '../parts/time.tsx';
import { away } from '../transport/client.ts';
import { useStore } from '../transport/store.ts';
import { age } from '../words/time.ts';
import styles from './shell.module.css';

/** Shorter than that nobody has to know: a server that is replaced is back by then. In milliseconds. */
const quietMs = 1_500;

/** Says that nobody answers, and that the page goes on by itself. */
export function Away() {
  const since = useStore(away);
  return since === null ? null : <Told since={since} />;
}

function Told({ since }: { readonly since: number }) {
  const ms = useNow() - since;
  if (ms < quietMs) return null;
  return (
    <div className={styles.away} role="status">
      <Mark look={{ shape: 'clock', tone: 'waiting' }} />
      <p>
        Towpath has not answered for {age(ms)}.{' '}
        <span>
          What is live goes on taking requests. This page shows what it knew, and goes on by itself.
          {ms > 15_000 && (
            <>
              {' '}
              On its host: <code>towpath up</code>
            </>
          )}
        </span>
      </p>
    </div>
  );
}
