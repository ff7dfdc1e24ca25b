import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Icon } from '../parts/icon.tsx';
import { signOut, whoAmI } from '../transport/session.ts';

const schemes = [
  { value: 'auto', icon: 'auto', word: 'As the system' },
  { value: 'light', icon: 'sun', word: 'Light' },
  { value: 'dark', icon: 'moon', word: 'Dark' },
] as const;

/** Who is signed in, light or dark, and the door. */
export function Account({ help }: { readonly help: () => void }) {
  const me = useQuery({ queryKey: ['session'], queryFn: whoAmI, staleTime: Number.POSITIVE_INFINITY });
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const icon = schemes.find(({ value }) => value === colorScheme)?.icon ?? 'auto';
  return (
    <Menu position="bottom-end" width={220} transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <ActionIcon variant="subtle" size={36} aria-label="Account, and light or dark">
          <Icon name={icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {me.data !== undefined && <Menu.Label>{`${me.data.name} · ${me.data.role}`}</Menu.Label>}
        {schemes.map(({ value, icon, word }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon name={icon} />}
            rightSection={value === colorScheme ? <Icon name="check" /> : null}
            onClick={() => setColorScheme(value)}
          >
            {word}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="key" />} rightSection={<kbd className="faint">?</kbd>} onClick={help}>
          Keyboard
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="out" />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
