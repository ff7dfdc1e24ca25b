import { SegmentedControl } from '@mantine/core';
import type { ListedRelease, ServiceDetail, Status, TargetView } from '@towpath/contract';
import { Link, useLocation } from 'wouter';
import { ActionButton, ActionMenu } from '../actions/buttons.tsx';
import { promote, rollback } from '../actions/target-actions.ts';
import { useDeployments, useReleases, useService } from '../live/queries.ts';
import { Commit } from '../parts/copy.tsx';
import { Mark } from '../parts/mark.tsx';
import { More } from '../parts/more.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { Ago } from '../parts/time.tsx';
import { changeParts, signWords } from '../words/changes.ts';
import { paths, serviceKey } from '../words/path.ts';
import { type Look, looks } from '../words/status.ts';
import { targetState } from '../words/target.ts';
import styles from './releases.module.css';

interface ReleasesProps {
  readonly project: string;
  readonly name: string;
  readonly environment: string;
}

/** What was live, and how to get it back. */
export function ReleasesRoom({ project, name, environment }: ReleasesProps) {
  const key = serviceKey(project, name);
  const service = useService(key);
  const releases = useReleases(key, environment);
  const [, go] = useLocation();
  const error = service.error ?? releases.error;
  if (error !== null)
    return (
      <Page title="Releases">
        <Problem error={error} />
      </Page>
    );
  const target = service.data?.environments.find((each) => each.environment === environment);
  if (service.data === undefined || releases.data === undefined || target === undefined) return <Waiting />;
  const all = releases.data.pages.flatMap((page) => page.releases);
  return (
    <Page
      title={`Releases in ${environment}`}
      over={
        <Link className="link" href={paths.service(project, name)}>
          {name}
        </Link>
      }
      actions={
        <SegmentedControl
          aria-label="Environment"
          value={environment}
          data={service.data.environments.map((each) => each.environment)}
          onChange={(value) => go(paths.releases(project, name, value))}
        />
      }
    >
      {all.length === 0 ? (
        <Empty title={`Nothing was released to ${environment} yet`} commands={['git push towpath main']}>
          Every run that comes as far makes one: an artifact with its config, kept so that it can be had back.
        </Empty>
      ) : (
        <ol className={styles.list}>
          {all.map((release) => (
            <Release key={release.version} release={release} service={service.data} target={target} />
          ))}
        </ol>
      )}
      {releases.hasNextPage && (
        <More load={() => void releases.fetchNextPage()} loading={releases.isFetchingNextPage} />
      )}
    </Page>
  );
}

interface ReleaseProps {
  readonly release: ListedRelease;
  readonly service: ServiceDetail;
  readonly target: TargetView;
}

function Release({ release, service, target }: ReleaseProps) {
  const deployments = useDeployments(serviceKey(service.project, service.name)).data?.deployments ?? [];
  const mine = deployments.find((each) => each.environment === target.environment && each.version === release.version);
  const at = service.environments.findIndex((each) => each.environment === target.environment);
  const next = service.environments[at + 1]?.environment;
  const back = rollback(service, target, release);
  const forth = next === undefined ? [] : [promote(service, target.environment, next, release)];
  const state = release.live ? targetState(target) : null;
  const ended = mine === undefined || release.live ? null : pastLook(mine.status);
  return (
    <li className={styles.release} data-live={release.live || undefined}>
      <span className={styles.mark}>
        <Mark look={state ?? ended ?? { shape: 'dash', tone: 'quiet' }} />
      </span>
      <span className={styles.version}>v{release.version}</span>
      <span className={styles.what}>
        <span className={styles.title}>{release.title ?? causeText(release)}</span>
        <span className={styles.second}>
          {release.live ? <b className={styles.live}>live, {state?.word}</b> : <span>{ended?.word ?? 'was live'}</span>}
          {release.title !== null && <span>{causeText(release)}</span>}
          {release.run !== null && (
            <Link className="link" data-row href={paths.run(release.run)}>
              #{release.run}
            </Link>
          )}
          {mine !== undefined && mine.reason !== null && <span className={styles.reason}>{mine.reason}</span>}
        </span>
        <Changes release={release} />
      </span>
      <span className={styles.when}>
        <Ago at={release.createdAt} />
        <span className="faint"> by {release.createdBy}</span>
      </span>
      <span className={styles.actions}>
        {release.live ? (
          <ActionMenu label={`More to do with v${release.version}`} actions={forth} />
        ) : (
          <>
            <ActionButton action={{ ...back, label: 'Roll back to it' }} />
            <ActionMenu label={`More to do with v${release.version}`} actions={forth} />
          </>
        )}
      </span>
    </li>
  );
}

/** What it changed against the one before: the code, and names of everything else. */
function Changes({ release: { commit, changes } }: { readonly release: ListedRelease }) {
  if (changes === null)
    return (
      <span className={styles.changes}>
        <Commit commit={commit} />
        <span>the first release</span>
      </span>
    );
  const parts = changeParts(changes);
  const same = changes.commit === null && !changes.artifact;
  return (
    <span className={styles.changes}>
      {changes.commit !== null && (
        <span className={styles.commits}>
          <Commit commit={changes.commit} />
          <span aria-hidden="true">→</span>
          <span className="hidden">to</span>
          <Commit commit={commit} />
        </span>
      )}
      {changes.commit === null && <Commit commit={commit} />}
      {changes.commit === null && changes.artifact && <span>built anew</span>}
      {same && <span>{parts.length === 0 ? `the same as v${changes.since}` : `the code of v${changes.since}`}</span>}
      {parts.map(({ what, names }) => (
        <span key={what} className={styles.part}>
          {what}
          {names.map(({ sign, name }) => (
            <code key={name} data-sign={sign}>
              <span aria-hidden="true">{sign}</span>
              <span className="hidden">{signWords[sign]} </span>
              {name}
            </code>
          ))}
        </span>
      ))}
    </span>
  );
}

/** That something was live once is no news: only what went wrong keeps its colour. */
const pastLook = (status: Status): Look =>
  status === 'succeeded' ? { shape: 'check', tone: 'quiet', word: 'was live' } : looks[status];

const causes: Readonly<Record<ListedRelease['cause'], string>> = {
  run: 'by a run',
  config: 'config change',
  rollback: 'rollback',
  promote: 'promoted',
};

const causeText = ({ cause, copiedFrom }: ListedRelease): string =>
  copiedFrom === null ? causes[cause] : `${causes[cause]} to v${copiedFrom}`;
