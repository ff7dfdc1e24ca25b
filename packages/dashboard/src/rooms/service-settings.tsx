import { SegmentedControl } from '@mantine/core';
import { isCode, type ServiceDetail, type SettingView } from '@towpath/contract';
import { useState } from 'react';
import { usePath } from '../live/queries.ts';
import { Empty, Problem } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { serviceKey } from '../words/path.ts';
import styles from './service.module.css';

const shared = 'all';

/** Every setting that holds, and where it comes from. */
export function ServiceSettings({ service }: { readonly service: ServiceDetail }) {
  const [environment, setEnvironment] = useState(shared);
  const pushed = service.lastRun !== null;
  const key = serviceKey(service.project, service.name);
  const { data, error } = usePath(key, environment === shared ? undefined : environment, pushed);
  const choice = (
    <SegmentedControl
      size="xs"
      aria-label="Environment"
      value={environment}
      onChange={setEnvironment}
      data={[{ value: shared, label: 'everywhere' }, ...service.environments.map((each) => each.environment)]}
    />
  );
  if (!pushed || isCode(error, 'empty_repository') || isCode(error, 'unknown_branch')) {
    return (
      <Section title="Settings">
        <Empty title="They are found in the first commit" commands={['git push towpath main']}>
          From its files, towpath.yaml where there is one, and what was set for the service.
        </Empty>
      </Section>
    );
  }
  return (
    <Section title="Settings" beside={choice}>
      {error !== null && <Problem error={error} />}
      {data !== undefined && (
        <>
          <Notes texts={[...data.notices.map(({ text, help }) => `${text}. ${help}`), ...data.refused]} />
          <table className={styles.settings}>
            <thead>
              <tr>
                <th scope="col">setting</th>
                <th scope="col">value</th>
                <th scope="col">from</th>
              </tr>
            </thead>
            <tbody>
              {data.settings.map(({ path, value, origin }) => (
                <tr key={path}>
                  <td className="dim">{path}</td>
                  <td>
                    <code>{shown(value)}</code>
                  </td>
                  <td className="faint">{origin}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Section>
  );
}

const Notes = ({ texts }: { readonly texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <ul className={styles.notes}>
      {texts.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );

const shown = (value: SettingView['value']): string => {
  if (value === false) return 'off';
  return Array.isArray(value) ? value.join(', ') : String(value);
};
