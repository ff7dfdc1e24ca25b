import { ended, type RunDetail, type StageView } from '@towpath/contract';
import { Link } from 'wouter';
import type { Action } from '../../actions/action.ts';
import { ActionButton, ActionMenu } from '../../actions/buttons.tsx';
import { rerun, runActions } from '../../actions/run-actions.ts';
import { useRun } from '../../live/queries.ts';
import { Commit } from '../../parts/copy.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Problem } from '../../parts/notice.tsx';
import { Outcome } from '../../parts/outcome.tsx';
import { Page, Waiting } from '../../parts/page.tsx';
import { Ago, Took, Until } from '../../parts/time.tsx';
import { paths, stageKey } from '../../words/path.ts';
import { tellingStage, waitsFor } from '../../words/run.ts';
import { looks } from '../../words/status.ts';
import styles from './run.module.css';
import { StagePanel } from './stage-panel.tsx';
import { Strip } from './strip.tsx';
import { useLogLink } from './use-link.ts';

/** Where is it, and why does it wait or fail? */
export function RunRoom({ run: number }: { readonly run: number }) {
  const { data: run, error } = useRun(number);
  const [link, setLink] = useLogLink();
  if (run === undefined) {
    return error === null ? (
      <Waiting />
    ) : (
      <Page title={`Run #${number}`}>
        <Problem error={error} />
      </Page>
    );
  }
  const named = run.stages.find((each) => stageKey(each) === link?.stage);
  const shown = named ?? tellingStage(run);
  return (
    <Page
      title={`#${run.run} ${run.message.split('\n')[0]}`}
      mark={<Mark look={looks[run.status]} size={20} />}
      over={
        <Link className="link" href={paths.service(run.project, run.service)}>
          {run.service}
        </Link>
      }
      under={<About run={run} />}
      actions={<Actions run={run} shown={shown} />}
    >
      <RunOutcome run={run} />
      <Strip
        stages={run.stages}
        shown={shown}
        choose={(stage) => setLink({ stage: stageKey(stage), attempt: null, lines: null })}
      />
      {shown !== null && (
        <StagePanel
          key={stageKey(shown)}
          run={run}
          stage={shown}
          link={named === undefined ? null : link}
          setLink={setLink}
        />
      )}
    </Page>
  );
}

function Actions({ run, shown }: { readonly run: RunDetail; readonly shown: StageView | null }) {
  const over = ended.has(run.status);
  const all = over ? again(run, shown) : runActions(run, waitsFor(run));
  // One button is enough where nothing is asked of anybody.
  const buttons = run.status === 'waiting' ? 2 : 1;
  const [first, second, rest] = [all[0], all.slice(1, buttons)[0], all.slice(buttons)];
  const wanted = run.status === 'waiting' || run.status === 'failed' || run.status === 'rolled_back';
  return (
    <>
      {first !== undefined && <ActionButton action={first} primary={wanted} />}
      {second !== undefined && <ActionButton action={second} />}
      <ActionMenu actions={rest} label="More to do with this run" />
    </>
  );
}

/** From the stage that failed; or from the one that is looked at. */
function again(run: RunDetail, shown: StageView | null): Action[] {
  const failed = run.stages.find(({ status }) => !['succeeded', 'skipped'].includes(status)) ?? null;
  const from = shown !== null && shown !== failed && shown.status !== 'skipped' ? [rerun(run, shown)] : [];
  return [rerun(run, failed !== null && failed === shown ? failed : null), ...from];
}

const triggers: Readonly<Record<RunDetail['trigger'], string>> = {
  push: 'push',
  api: 'started by API',
  cli: 'started by hand',
  reconcile: 'found after a restart',
};

const About = ({ run }: { readonly run: RunDetail }) => (
  <p className={styles.about}>
    <Commit commit={run.commit} />
    {run.author !== '' && <span>by {run.author}</span>}
    <span>on {run.branch}</span>
    <span>
      {triggers[run.trigger]} of {run.requestedBy} <Ago at={run.createdAt} />
    </span>
    {run.startedAt !== null && (
      <span>
        {run.endedAt === null ? 'for ' : 'took '}
        <Took from={run.startedAt} to={run.endedAt} />
      </span>
    )}
  </p>
);

/** Nothing where the marks of the stages say it all. */
function RunOutcome({ run }: { readonly run: RunDetail }) {
  if (run.reason === null && run.status !== 'failed') return null;
  return (
    <Outcome look={looks[run.status]} reason={run.reason}>
      {run.deadline !== null && run.status === 'waiting' && (
        <span className="dim">
          ends <Until at={run.deadline} />
        </span>
      )}
      {run.supersededBy !== null && (
        <Link className="link" href={paths.run(run.supersededBy)}>
          #{run.supersededBy}
        </Link>
      )}
    </Outcome>
  );
}
