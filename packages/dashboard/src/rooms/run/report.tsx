import type { TestReport } from '@towpath/contract';
import { showInLog } from '../../parts/log/show-in-log.ts';
import { Mark } from '../../parts/mark.tsx';
import { reportLine } from '../../words/run.ts';
import styles from './run.module.css';

/** What the tests said: the failed ones by name, with their messages. */
export function Report({ report }: { readonly report: TestReport }) {
  const { failed, failures, moreFailures, tool } = report;
  return (
    <div className={styles.report}>
      <p>
        <Mark look={failed > 0 ? { shape: 'cross', tone: 'bad' } : { shape: 'check', tone: 'good' }} />{' '}
        {reportLine(report)} <span className="faint">by {tool}</span>
      </p>
      {failures.length > 0 && (
        <ol className={styles.failures} aria-label="Failed tests">
          {failures.map(({ name, message, at }) => (
            <li key={`${name}\n${at}\n${message}`}>
              <div className={styles.failureName}>
                <span>{name}</span>
                {at !== null && <code className="faint">{at}</code>}
                <button
                  type="button"
                  className="link"
                  onClick={() => showInLog.set({ text: name.split(' › ').at(-1) ?? name })}
                >
                  Show in the log
                </button>
              </div>
              {message !== '' && <pre>{message}</pre>}
            </li>
          ))}
        </ol>
      )}
      {moreFailures > 0 && <p className="dim">{moreFailures.toLocaleString('en')} more are in the log.</p>}
    </div>
  );
}
