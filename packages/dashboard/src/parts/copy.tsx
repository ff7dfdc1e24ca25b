import { CopyButton, UnstyledButton } from '@mantine/core';
import styles from './copy.module.css';
import { Icon } from './icon.tsx';
import { Tip } from './tip.tsx';

interface CopyProps {
  readonly value: string;
  /** What is copied, for those who hear the page: `the command`. */
  readonly what: string;
}

/** A command or an address that is copied with one press. */
export const Copyable = ({ value, what }: CopyProps) => (
  <CopyButton value={value} timeout={1_500}>
    {({ copied, copy }) => (
      <UnstyledButton className={styles.command} onClick={copy} aria-label={`Copy ${what}: ${value}`}>
        <code>{value}</code>
        <span className={styles.sign} data-copied={copied || undefined}>
          <Icon name={copied ? 'check' : 'copy'} />
        </span>
      </UnstyledButton>
    )}
  </CopyButton>
);

/** A commit in short; the whole one is copied. */
export const Commit = ({ commit }: { readonly commit: string }) => (
  <CopyButton value={commit} timeout={1_500}>
    {({ copied, copy }) => (
      <Tip label={copied ? 'Copied' : `Copy ${commit}`} side="start">
        <UnstyledButton className={styles.commit} onClick={copy} aria-label={`Copy commit ${commit.slice(0, 7)}`}>
          {commit.slice(0, 7)}
        </UnstyledButton>
      </Tip>
    )}
  </CopyButton>
);
