import { ActionIcon, Menu } from '@mantine/core';
import { Fragment } from 'react';
import { Icon } from './icon.tsx';
import type { MenuProps } from './menu.tsx';

/** The same button, with its menu open at first. */
export const OpenMenu = ({ label, icon, heading, entries }: MenuProps) => (
  <Menu defaultOpened position="bottom-end" withinPortal transitionProps={{ duration: 80 }}>
    <Menu.Target>
      <ActionIcon variant="subtle" size={36} aria-label={label}>
        <Icon name={icon} />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      {heading !== undefined && <Menu.Label>{heading}</Menu.Label>}
      {entries.map(({ label: text, press, icon: sign, chosen, shortcut, apart }) => (
        <Fragment key={text}>
          {apart === true && <Menu.Divider />}
          <Menu.Item
            leftSection={sign === undefined ? null : <Icon name={sign} />}
            rightSection={
              chosen === true ? (
                <Icon name="check" />
              ) : shortcut === undefined ? null : (
                <kbd className="faint">{shortcut}</kbd>
              )
            }
            onClick={press}
          >
            {text}
          </Menu.Item>
        </Fragment>
      ))}
    </Menu.Dropdown>
  </Menu>
);
