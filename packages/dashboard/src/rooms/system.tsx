import type { CheckView } from '@towpath/contract';
import { useDoctor } from '../live/queries.ts';
import { Copyable } from '../parts/copy.tsx';
import { Mark } from '../parts/mark.tsx';
import { Problem } from '../parts/notice.tsx';
import { Page, Section, Waiting } from '../parts/page.tsx';
import type { Look } from '../words/status.ts';
import { clockCheck, systemSentence } from '../words/system.ts';
import styles from './system.module.css';

const checkLooks: Readonly<Record<CheckView['status'], Look>> = {
  ok: { shape: 'check', tone: 'good', word: 'fine' },
  absent: { shape: 'dash', tone: 'quiet', word: 'absent' },
  warning: { shape: 'hand', tone: 'waiting', word: 'look at it' },
  broken: { shape: 'cross', tone: 'bad', word: 'broken' },
};

/** Is Towpath itself fine, and what to do where it is not? */
export function System() {
  const { data, error } = useDoctor();
  if (data === undefined)
    return error === null ? (
      <Waiting />
    ) : (
      <Page title="System">
        <Problem error={error} />
      </Page>
    );
  const checks = [...data.checks, clockCheck(Date.parse(data.at), data.asked, data.answered)];
  const own = checks.filter(({ name }) => parts.has(name));
  const programs = checks.filter(({ name }) => !parts.has(name));
  const { tone, text } = systemSentence(checks);
  return (
    <Page
      title={text}
      mark={<Mark size={20} look={{ tone, shape: tone === 'good' ? 'check' : tone === 'bad' ? 'cross' : 'hand' }} />}
      under={`Towpath ${data.version}. Services answer below ${data.domain}, at ${data.appsUrl}.`}
    >
      <Section title="Towpath">
        <Checks checks={own} />
      </Section>
      <Section title="Programs that stages can use">
        <Checks checks={programs} />
      </Section>
      <Section title="The same on the command line, with what only that machine can tell">
        <Copyable value="towpath doctor" what="the command" />
      </Section>
    </Page>
  );
}

const parts: ReadonlySet<string> = new Set(['server', 'router', 'supervisor', 'PostgreSQL', 'disk space', 'clocks']);

const Checks = ({ checks }: { readonly checks: readonly CheckView[] }) => (
  <ul className={styles.checks}>
    {checks.map(({ name, status, found, help }) => (
      <li key={name} className={styles.check} data-status={status}>
        <Mark look={checkLooks[status]} />
        <span className={styles.name}>
          {name}
          <span className="hidden">: {checkLooks[status].word}</span>
        </span>
        <span className={styles.found}>
          {found}
          {help !== null && status !== 'absent' && <span className={styles.help}>{help}</span>}
        </span>
      </li>
    ))}
  </ul>
);
