import { ActionIcon } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';

export interface MenuEntry {
  readonly label: string;
  readonly press: () => void;
  readonly icon?: IconName;
  readonly chosen?: boolean;
  /** The key that does the same. */
  readonly shortcut?: string;
  /** A line stands above it. */
  readonly apart?: boolean;
}

export interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Above the entries. */
  readonly heading?: string | undefined;
  readonly entries: readonly MenuEntry[];
}

// What places a menu on the page weighs more than the page: it comes when somebody goes for it.
const load = () => import('./menu-open.tsx').then((part) => ({ default: part.OpenMenu }));
const OpenMenu = lazy(load);

/** A button with what else can be done behind it. */
export function LazyMenu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const button = (
    <ActionIcon
      variant="subtle"
      size={36}
      aria-label={props.label}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setWanted(true)}
    >
      <Icon name={props.icon} />
    </ActionIcon>
  );
  return wanted ? (
    <Suspense fallback={button}>
      <OpenMenu {...props} />
    </Suspense>
  ) : (
    button
  );
}
