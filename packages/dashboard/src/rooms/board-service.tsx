import type { RunSummary, ServiceDetail, TargetView } from '@towpath/contract';
import { memo } from 'react';
import { Link } from 'wouter';
import { Icon } from '../parts/icon.tsx';
import { Mark } from '../parts/mark.tsx';
import { Ago, For } from '../parts/time.tsx';
import { runLine } from '../words/board.ts';
import { paths, shortCommit } from '../words/path.ts';
import { looks } from '../words/status.ts';
import { targetState } from '../words/target.ts';
import { exact } from '../words/time.ts';
import { trafficLine } from '../words/traffic.ts';
import styles from './board.module.css';

interface ServiceProps {
  readonly service: ServiceDetail;
  readonly columns: readonly string[];
}

/** The cells of a service. Each leads to where more is told. */
export const BoardService = memo(({ service, columns }: ServiceProps) => {
  const { project, name, environments, lastRun } = service;
  return (
    <>
      <span role="cell" className={styles.name}>
        <Link data-row href={paths.service(project, name)} className="cut">
          {name}
        </Link>
      </span>
      {columns.map((column) => {
        const target = environments.find(({ environment }) => environment === column);
        return (
          <span
            key={column}
            role="cell"
            className={styles.cell}
            data-label={column}
            data-absent={target === undefined || undefined}
          >
            {target !== undefined && <Target href={`${paths.service(project, name)}#${column}`} target={target} />}
          </span>
        );
      })}
      <span role="cell" className={styles.cell} data-label="last run">
        {lastRun === null ? <span className="faint">never pushed</span> : <LastRun run={lastRun} />}
      </span>
    </>
  );
});

function Target({ href, target }: { readonly href: string; readonly target: TargetView }) {
  const { release, hold } = target;
  const state = targetState(target);
  const about =
    release === null
      ? 'Nothing was deployed there yet'
      : [
          `v${release.version} of ${shortCommit(release.commit)}, ${release.cause} by ${release.createdBy}`,
          exact(release.createdAt),
          ...(hold === null ? [] : [`held by ${hold.by}${hold.reason === null ? '' : `: ${hold.reason}`}`]),
        ].join('\n');
  return (
    <Link href={href} className={`${styles.link} ${styles.target}`} title={about}>
      <Mark look={state} />
      <span className={styles.first}>
        {release === null ? <span className="faint">{state.word}</span> : <b>v{release.version}</b>}
        {release !== null && <span className="mono faint">{shortCommit(release.commit)}</span>}
        {hold !== null && (
          <span className={styles.held}>
            <Icon name="pause" size={14} />
            held
          </span>
        )}
      </span>
      {release !== null && (
        <span className={styles.second} data-tone={state.tone}>
          <span className="cut">
            {state.word}
            {state.reason !== null && `: ${state.reason}`}
          </span>
          {target.traffic !== null && <span className={styles.traffic}>{trafficLine(target.traffic)}</span>}
          {state.tone === 'good' && (
            <span className="faint">
              <For at={release.createdAt} />
            </span>
          )}
        </span>
      )}
    </Link>
  );
}

function LastRun({ run }: { readonly run: RunSummary }) {
  const look = looks[run.status];
  return (
    <Link href={paths.run(run.run)} className={styles.link}>
      <Mark look={look} />
      <span className={styles.first}>
        <b>#{run.run}</b>
        <span className={styles.word} data-tone={look.tone}>
          {look.word}
        </span>
        <span className="faint">
          <Ago at={run.endedAt ?? run.startedAt ?? run.createdAt} />
        </span>
      </span>
      <span className={styles.second}>
        <span className="cut">{runLine(run)}</span>
      </span>
    </Link>
  );
}
