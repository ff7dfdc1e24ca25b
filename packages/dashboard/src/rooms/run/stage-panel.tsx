import { NativeSelect } from '@mantine/core';
import type { RunDetail, StageView } from '@towpath/contract';
import { useMemo } from 'react';
import { stageLog } from '../../live/log-source.ts';
import { LogViewer } from '../../parts/log/log-viewer.tsx';
import { useLog } from '../../parts/log/use-log.ts';
import { Mark, StatusState } from '../../parts/mark.tsx';
import { Took, Until } from '../../parts/time.tsx';
import type { LogLink } from '../../words/log-link.ts';
import { stageKey } from '../../words/path.ts';
import { hasLog } from '../../words/run.ts';
import { looks } from '../../words/status.ts';
import { ago } from '../../words/time.ts';
import { ApprovalFacts } from './approval-facts.tsx';
import { Report } from './report.tsx';
import styles from './run.module.css';

interface PanelProps {
  readonly run: RunDetail;
  readonly stage: StageView;
  /** What the address names of this stage; null: nothing. */
  readonly link: LogLink | null;
  readonly setLink: (link: LogLink) => void;
}

/** One stage: how it stands and why, its attempts, what its tests said, its log. */
export function StagePanel({ run, stage, link, setLink }: PanelProps) {
  const key = stageKey(stage);
  const attempt = stage.attempts.find((each) => each.attempt === link?.attempt) ?? stage.attempts.at(-1);
  const status = attempt?.status ?? stage.status;
  const older = attempt !== undefined && attempt.attempt !== stage.attempts.at(-1)?.attempt;
  const said = older ? attempt.reason : stage.reason;
  // What stands above for the whole run, or below with each failed test, is not said again.
  const told = (said !== null && run.reason?.endsWith(said)) || (attempt?.report?.failures.length ?? 0) > 0;
  const reason = told ? null : said;
  return (
    <section className={styles.panel} aria-label={stage.name}>
      <div className={styles.panelHead}>
        <h2>{stage.name}</h2>
        <StatusState status={older ? status : stage.status} />
        {attempt !== undefined && stage.kind !== 'approval' && stage.status !== 'skipped' && (
          <span className="dim">
            <Took from={attempt.startedAt} to={attempt.endedAt} />
          </span>
        )}
        {stage.deadline !== null && stage.status === 'waiting' && (
          <span className="dim">
            ends <Until at={stage.deadline} />
          </span>
        )}
        {stage.attempts.length > 1 && (
          <NativeSelect
            className={styles.attempts ?? ''}
            size="xs"
            aria-label="Attempt"
            value={String(attempt?.attempt)}
            data={stage.attempts.toReversed().map((each) => ({
              value: String(each.attempt),
              label: `attempt ${each.attempt} · ${looks[each.status].word} · ${ago(each.startedAt, Date.now())}`,
            }))}
            onChange={(event) => setLink({ stage: key, attempt: Number(event.currentTarget.value), lines: null })}
          />
        )}
      </div>
      {reason !== null && <p className={styles.reason}>{reason}</p>}
      {stage.kind === 'approval' && stage.status === 'waiting' && stage.environment !== null && (
        <ApprovalFacts run={run} environment={stage.environment} />
      )}
      {attempt?.checks != null && attempt.checks.length > 0 && (
        <ul className={styles.checks} aria-label="Checks">
          {attempt.checks.map(({ name, status, exitCode }) => (
            <li key={name}>
              <Mark look={looks[status]} />
              {name}
              {status === 'failed' && (
                <span className="faint">{exitCode === null ? 'did not end' : `exit code ${exitCode}`}</span>
              )}
              {status === 'succeeded' && <span className="hidden">succeeded</span>}
            </li>
          ))}
        </ul>
      )}
      {attempt?.report != null && <Report report={attempt.report} />}
      {attempt !== undefined && hasLog(stage) && (
        <AttemptLog
          key={attempt.attempt}
          run={run.run}
          stage={key}
          attempt={attempt}
          lines={link?.lines ?? null}
          setLines={(lines) => setLink({ stage: key, attempt: older ? attempt.attempt : null, lines })}
        />
      )}
    </section>
  );
}

interface AttemptProps {
  readonly run: number;
  readonly stage: string;
  readonly attempt: StageView['attempts'][number];
  readonly lines: LogLink['lines'];
  readonly setLines: (lines: LogLink['lines']) => void;
}

function AttemptLog({ run, stage, attempt, lines, setLines }: AttemptProps) {
  const source = useMemo(() => stageLog(run, stage, attempt.attempt), [run, stage, attempt.attempt]);
  return (
    <LogViewer
      log={useLog(source)}
      source={source}
      raw={source.raw}
      running={attempt.endedAt === null}
      failed={attempt.status === 'failed' || attempt.status === 'rolled_back'}
      report={attempt.report}
      link={{ lines, setLines }}
    />
  );
}
