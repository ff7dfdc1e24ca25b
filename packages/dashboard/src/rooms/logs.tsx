import { NativeSelect, SegmentedControl } from '@mantine/core';
import type { TargetView } from '@towpath/contract';
import { useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ActionButton } from '../actions/buttons.tsx';
import { canGoBack, rollback } from '../actions/target-actions.ts';
import { rawReplicaLog } from '../live/log-source.ts';
import { useService } from '../live/queries.ts';
import { LogViewer } from '../parts/log/log-viewer.tsx';
import { useReplicaLog } from '../parts/log/use-log.ts';
import { State } from '../parts/mark.tsx';
import { Empty, Problem } from '../parts/notice.tsx';
import { Page, Waiting } from '../parts/page.tsx';
import { command } from '../words/commands.ts';
import { paths, serviceKey } from '../words/path.ts';
import { replicaName, versionsOf } from '../words/replica.ts';
import { targetState } from '../words/target.ts';

interface LogsProps {
  readonly project: string;
  readonly name: string;
  readonly environment: string;
}

/** What a service says right now: all its replicas in one log, over restarts and releases. */
export function LogsRoom({ project, name, environment }: LogsProps) {
  const key = serviceKey(project, name);
  const { data: service, error } = useService(key);
  const [, go] = useLocation();
  const title = `Logs of ${environment}`;
  if (service === undefined)
    return error === null ? (
      <Waiting />
    ) : (
      <Page title={title}>
        <Problem error={error} />
      </Page>
    );
  const target = service.environments.find((each) => each.environment === environment);
  return (
    <Page
      title={title}
      over={
        <Link className="link" href={paths.service(project, name)}>
          {name}
        </Link>
      }
      under={target === undefined ? undefined : <State look={targetState(target)} />}
      actions={
        <>
          <SegmentedControl
            aria-label="Environment"
            value={environment}
            data={service.environments.map((each) => each.environment)}
            onChange={(value) => go(paths.logs(project, name, value))}
          />
          {target !== undefined && canGoBack(target) && <ActionButton action={rollback(service, target, null)} />}
        </>
      }
    >
      {target === undefined ? (
        <Empty
          title={`${name} has no environment ${environment}`}
          commands={[command('env add', [environment], { project })]}
        >
          It may have been removed, or is called otherwise.
        </Empty>
      ) : target.release === null && target.running.length === 0 ? (
        <Empty title={`Nothing runs in ${environment}`} commands={[`git push towpath ${target.branch}`]}>
          What the replicas print is shown here from their first line on, also while a deployment goes wrong.
        </Empty>
      ) : (
        <Replicas service={key} target={target} />
      )}
    </Page>
  );
}

const everyone = '';

function Replicas({ service, target }: { readonly service: string; readonly target: TargetView }) {
  const { environment, running } = target;
  const log = useReplicaLog(service, environment);
  const [only, setOnly] = useState(everyone);
  // A replica of before keeps the name that it was known by.
  const [known] = useState(() => new Map<string, number>());
  for (const [release, version] of versionsOf(running)) known.set(release, version);
  const all = log.lines.replicas;
  const { lines, version } = log;
  const shown = useMemo(() => {
    lines.choose(only === everyone ? null : only);
    return { ...log, version };
  }, [lines, only, version, log]);
  return (
    <>
      {all.length > 1 && (
        <NativeSelect
          mb={8}
          w="fit-content"
          aria-label="Replica"
          value={only}
          data={[
            { value: everyone, label: `All ${all.length} replicas` },
            ...all.map((id) => ({ value: id, label: replicaName(id, known) })),
          ]}
          onChange={(event) => setOnly(event.currentTarget.value)}
        />
      )}
      <LogViewer
        key={only}
        log={shown}
        source={null}
        raw={rawReplicaLog(service, environment)}
        running
        link={null}
        nameOf={(id) => replicaName(id, known)}
      />
    </>
  );
}
