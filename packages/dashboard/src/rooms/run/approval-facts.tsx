import type { RunDetail, TargetView } from '@towpath/contract';
import { Link } from 'wouter';
import { useService } from '../../live/queries.ts';
import { Commit } from '../../parts/copy.tsx';
import { State } from '../../parts/mark.tsx';
import { For } from '../../parts/time.tsx';
import { paths, serviceKey } from '../../words/path.ts';
import { targetState } from '../../words/target.ts';
import { trafficSentence } from '../../words/traffic.ts';
import styles from './run.module.css';

interface FactsProps {
  readonly run: RunDetail;
  /** That the run asks to enter. */
  readonly environment: string;
}

/** What somebody looks at before they approve: what it would replace, and how it does where it is live already. */
export function ApprovalFacts({ run, environment }: FactsProps) {
  const { data: service } = useService(serviceKey(run.project, run.service));
  if (service === undefined) return null;
  const { environments } = service;
  const asked = environments.find((each) => each.environment === environment);
  const there = environments.filter((each) => each.release?.run === run.run && each.environment !== environment);
  return (
    <dl className={styles.facts}>
      {there.map((target) => (
        <Fact key={target.environment} run={run} target={target} word={`In ${target.environment}`} />
      ))}
      {asked !== undefined && <Fact run={run} target={asked} word={`In ${environment} now`} />}
    </dl>
  );
}

function Fact({ run, target, word }: { readonly run: RunDetail; readonly target: TargetView; readonly word: string }) {
  const { environment, release, traffic } = target;
  return (
    <div>
      <dt>{word}</dt>
      <dd>
        <State look={targetState(target)} />
        {release !== null && (
          <>
            <span>
              <Link className="link" href={paths.releases(run.project, run.service, environment)}>
                v{release.version}
              </Link>{' '}
              <Commit commit={release.commit} />
            </span>
            <span className="dim">
              live for <For at={release.createdAt} />
            </span>
            {traffic !== null && <span className="dim">{trafficSentence(traffic)}</span>}
            <Link className="link" href={paths.logs(run.project, run.service, environment)}>
              Logs
            </Link>
          </>
        )}
      </dd>
    </div>
  );
}
