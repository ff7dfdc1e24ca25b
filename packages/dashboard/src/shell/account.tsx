import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { LazyMenu } from '../parts/menu.tsx';
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
    <LazyMenu
      label="Account, and light or dark"
      icon={icon}
      heading={me.data === undefined ? undefined : `${me.data.name} · ${me.data.role}`}
      entries={[
        ...schemes.map(({ value, icon: sign, word }) => ({
          label: word,
          icon: sign,
          chosen: value === colorScheme,
          press: () => setColorScheme(value),
        })),
        { label: 'Keyboard', icon: 'key', shortcut: '?', apart: true, press: help },
        { label: 'Sign out', icon: 'out', press: () => void signOut() },
      ]}
    />
  );
}
