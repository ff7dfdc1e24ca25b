import type { RunSummary } from '@towpath/contract';
import { Link } from 'wouter';
import { ActionButton } from '../actions/buttons.tsx';
import { approve, decline } from '../actions/run-actions.ts';
import { useBoard, useRun } from '../live/queries.ts';
import { Commit } from '../parts/copy.tsx';
import { Mark } from '../parts/mark.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { Ago, Until } from '../parts/time.tsx';
import { paths } from '../words/path.ts';
import { waitsFor } from '../words/run.ts';
import { looks } from '../words/status.ts';
import styles from './approvals.module.css';

/** What waits for a person, the longest first. */
export function Approvals() {
  const { data, error } = useBoard();
  if (data === undefined)
    return error === null ? (
      <Waiting />
    ) : (
      <Page title="Approvals">
        <Problem error={error} />
      </Page>
    );
  const waiting = data.waiting.toSorted((a, b) => a.run - b.run);
  const sentence =
    waiting.length === 0
      ? 'Nothing waits for you'
      : waiting.length === 1
        ? 'One run waits for you'
        : `${waiting.length} runs wait for you`;
  return (
    <Page title={sentence} mark={<Mark size={20} look={waiting.length > 0 ? looks.waiting : looks.succeeded} />}>
      {waiting.length === 0 ? (
        <Empty
          title="Ask for a person's yes before an environment"
          commands={['towpath env set production deploy=approve']}
        >
          Runs then wait here until somebody approves or declines. Who did, and the comment, are kept with the run.
        </Empty>
      ) : (
        <ul className={styles.list}>
          {waiting.map((run) => (
            <Inquiry key={run.run} run={run} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Inquiry({ run }: { readonly run: RunSummary }) {
  const detail = useRun(run.run).data;
  const environment = detail === undefined ? null : waitsFor(detail);
  return (
    <li className={styles.inquiry}>
      <div className={styles.what}>
        <Link href={paths.run(run.run)} className={styles.title} data-row>
          <b>{run.service}</b> to <b>{environment ?? '…'}</b>
          <span className="faint">#{run.run}</span>
        </Link>
        <p>{run.message.split('\n')[0]}</p>
        <p className={styles.about}>
          <Commit commit={run.commit} />
          {run.author !== '' && <span>by {run.author}</span>}
          <span>on {run.branch}</span>
          <span>
            pushed <Ago at={run.createdAt} />
          </span>
          {run.deadline !== null && (
            <span>
              ends <Until at={run.deadline} />
            </span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        <ActionButton action={approve(run, environment)} />
        <ActionButton action={decline(run, environment)} />
      </div>
    </li>
  );
}
