import { ActionIcon, Button, CopyButton, Menu, Tooltip } from '@mantine/core';
import { Icon } from '../parts/icon.tsx';
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
      <Tooltip label={copied ? 'Copied' : `Copy as command: ${command}`} openDelay={200}>
        <ActionIcon
          variant="subtle"
          size={36}
          className={styles.copy}
          onClick={copy}
          aria-label={`Copy as command: ${command}`}
        >
          <Icon name={copied ? 'check' : 'copy'} />
        </ActionIcon>
      </Tooltip>
    )}
  </CopyButton>
);

/** Actions that are not worth a button each. */
export const ActionMenu = ({ actions, label }: { readonly actions: readonly Action[]; readonly label: string }) =>
  actions.length === 0 ? null : (
    <Menu position="bottom-end" withinPortal transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={36} aria-label={label}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {actions.map((action) => (
          <Menu.Item key={action.label} onClick={() => askFor(action)}>
            {action.label}…
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
