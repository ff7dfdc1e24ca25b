import type { TargetView } from '@towpath/contract';
import { Link } from 'wouter';
import { ActionButton, ActionMenu } from '../actions/buttons.tsx';
import { canGoBack, hold, type Owner, promote, rollback, unhold } from '../actions/target-actions.ts';
import { Commit } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { State } from '../parts/mark.tsx';
import { Ago, For } from '../parts/time.tsx';
import { paths } from '../words/path.ts';
import { targetState } from '../words/target.ts';
import { trafficSentence } from '../words/traffic.ts';
import styles from './service.module.css';

interface CardProps {
  readonly owner: Owner;
  readonly target: TargetView;
  /** The environment behind it in the path. */
  readonly next: string | null;
}

const admissions: Readonly<Record<TargetView['admission'], string>> = {
  auto: 'deployed by itself',
  approve: 'after an approval',
  manual: 'deployed by hand',
};

/** A service in one environment: what is live there, is it fine, and what can be done. */
export function TargetCard({ owner, target, next }: CardProps) {
  const { environment, release, branch, admission, url, hold: held } = target;
  const state = targetState(target);
  const releases = paths.releases(owner.project, owner.name, environment);
  return (
    <li className={styles.target} id={environment}>
      <div className={styles.targetHead}>
        <h2>{environment}</h2>
        <State look={state} />
        <span className={styles.more}>
          <ActionMenu
            label={`More to do with ${environment}`}
            actions={[
              ...(release === null || next === null ? [] : [promote(owner, environment, next, null)]),
              held === null ? hold(owner, environment) : unhold(owner, environment),
            ]}
          />
        </span>
      </div>
      {state.reason !== null && <p className={styles.trouble}>{state.reason}</p>}
      {held !== null && (
        <p className={styles.held}>
          <Icon name="pause" /> Held by {held.by} <Ago at={held.at} />
          {held.reason !== null && `: ${held.reason}`}
        </p>
      )}
      {release === null ? (
        <p className="faint">
          Pushes to {branch} come here, {admissions[admission]}.
        </p>
      ) : (
        <>
          <p className={styles.release}>
            <Link data-row href={releases} className={styles.version}>
              v{release.version}
            </Link>
            <Commit commit={release.commit} />
            <span className="dim">
              live for <For at={release.createdAt} />
            </span>
          </p>
          <dl className={styles.facts}>
            {target.traffic !== null && <Fact word="Traffic">{trafficSentence(target.traffic)}</Fact>}
            <Fact word="Replicas">{replicasText(target)}</Fact>
            <Fact word="From">
              {release.run === null ? (
                `${release.cause} by ${release.createdBy}`
              ) : (
                <Link className="link" href={paths.run(release.run)}>
                  #{release.run}
                </Link>
              )}
              <span className="faint">
                {' '}
                {branch}, {admissions[admission]}
              </span>
            </Fact>
            {target.replicas > 0 && (
              <Fact word="Address">
                <a className={`link ${styles.address}`} href={url} target="_blank" rel="noreferrer">
                  <span className="cut">{url.replace(/^https?:\/\//, '')}</span>
                  <Icon name="outside" size={14} />
                </a>
              </Fact>
            )}
            {target.interrupts && <Fact word="Data">keeps a data folder: it stops before the next release starts</Fact>}
          </dl>
          <div className={styles.buttons}>
            {canGoBack(target) && <ActionButton action={rollback(owner, target, null)} />}
            <span className={styles.links}>
              <Link href={paths.logs(owner.project, owner.name, environment)} className={styles.all}>
                Logs <Icon name="right" size={14} />
              </Link>
              <Link href={releases} className={styles.all}>
                Releases <Icon name="right" size={14} />
              </Link>
            </span>
          </div>
        </>
      )}
    </li>
  );
}

const Fact = ({ word, children }: { readonly word: string; readonly children: React.ReactNode }) => (
  <div>
    <dt>{word}</dt>
    <dd>{children}</dd>
  </div>
);

/** `2`, and each worker with how many of it are wanted. */
function replicasText({ replicas, workers }: TargetView): string {
  return [`${replicas} http`, ...Object.entries(workers).map(([name, wanted]) => `${wanted} ${name}`)].join(', ');
}
