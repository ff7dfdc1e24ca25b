import { ActionIcon, Button, CopyButton } from '@mantine/core';
import { Icon } from '../parts/icon.tsx';
import { LazyMenu } from '../parts/menu.tsx';
import { Tip } from '../parts/tip.tsx';
import { type Action, askFor } from './action.ts';
import styles from './buttons.module.css';

interface ActionProps {
  readonly action: Action;
  /** The one thing that most come for. */
  readonly primary?: boolean;
}

/** A button, and beside it its command to copy. */
export const ActionButton = ({ action, primary = false }: ActionProps) => (
  <span className={styles.pair}>
    <Button size="sm" variant={primary ? 'filled' : 'default'} onClick={() => askFor(action)}>
      {action.label}
    </Button>
    {action.command !== null && <CopyCommand command={action.command('')} />}
  </span>
);

const CopyCommand = ({ command }: { readonly command: string }) => (
  <CopyButton value={command} timeout={1_500}>
    {({ copied, copy }) => (
      <Tip label={copied ? 'Copied' : `Copy as command: ${command}`} side="end">
        <ActionIcon
          variant="subtle"
          size={36}
          className={styles.copy}
          onClick={copy}
          aria-label={`Copy as command: ${command}`}
        >
          <Icon name={copied ? 'check' : 'copy'} />
        </ActionIcon>
      </Tip>
    )}
  </CopyButton>
);

/** Actions that are not worth a button each. */
export const ActionMenu = ({ actions, label }: { readonly actions: readonly Action[]; readonly label: string }) =>
  actions.length === 0 ? null : (
    <LazyMenu
      label={label}
      icon="more"
      entries={actions.map((action) => ({ label: `${action.label}…`, press: () => askFor(action) }))}
    />
  );
