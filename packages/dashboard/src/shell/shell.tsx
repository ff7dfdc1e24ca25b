import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { asked } from '../actions/action.ts';
import { followEvents } from '../live/events.ts';
import { useBoard } from '../live/queries.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Logo } from '../parts/logo.tsx';
import { signedOut } from '../transport/client.ts';
import { useStore } from '../transport/store.ts';
import { paths } from '../words/path.ts';
import { Account } from './account.tsx';
import { Away } from './away.tsx';
import { useKeyboard } from './keyboard.ts';
import styles from './shell.module.css';

// Nobody needs these for the first look at a page.
const ActionDialog = lazy(() => import('../actions/dialog.tsx').then((part) => ({ default: part.ActionDialog })));
const SignIn = lazy(() => import('../rooms/sign-in.tsx').then((part) => ({ default: part.SignIn })));
const Shortcuts = lazy(() => import('./shortcuts.tsx').then((part) => ({ default: part.Shortcuts })));
const Spotlight = lazy(() => import('./spotlight.tsx').then((part) => ({ default: part.Spotlight })));

/** What every page stands in. Who is not signed in sees the door, at whatever address: it is the page's own afterwards. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const out = useStore(signedOut);
  const [code] = useState(oneTimeCode);
  if (out || code !== null) {
    return (
      <Suspense>
        <SignIn code={code} />
      </Suspense>
    );
  }
  return <Inside>{children}</Inside>;
}

/** `towpath dashboard` opens `/login#code=…`; the code must not stay in the address. */
function oneTimeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  return location.pathname === '/login' ? code : null;
}

function Inside({ children }: { readonly children: ReactNode }) {
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [, go] = useLocation();
  useKeyboard({ go, search: () => setSearching(true), help: () => setHelping(true) });
  useEffect(() => {
    const end = new AbortController();
    void followEvents(end.signal);
    return () => end.abort();
  }, []);
  const waiting = useBoard().data?.waiting.length ?? 0;
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to the page
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Link href={paths.board()} className={styles.logo} aria-label="Towpath, to the board">
            <Logo />
            <span>Towpath</span>
          </Link>
          <nav className={styles.nav} aria-label="Rooms">
            {rooms.map(({ href, word, icon }) => (
              <Room key={href} href={href} word={word} icon={icon} count={href === paths.approvals() ? waiting : 0} />
            ))}
          </nav>
          <button type="button" className={styles.search} onClick={() => setSearching(true)}>
            <Icon name="search" />
            <span>Search</span>
            <kbd>{/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'}</kbd>
          </button>
          <Account help={() => setHelping(true)} />
        </div>
      </header>
      <Away />
      {children}
      <Once when={searching}>
        <Spotlight opened={searching} close={() => setSearching(false)} />
      </Once>
      <Once when={helping}>
        <Shortcuts opened={helping} close={() => setHelping(false)} />
      </Once>
      <Once when={useStore(asked) !== null}>
        <ActionDialog />
      </Once>
    </>
  );
}

/** Loads what is in it when it is wanted for the first time, and keeps it. */
function Once({ when, children }: { readonly when: boolean; readonly children: ReactNode }) {
  const [wanted, setWanted] = useState(when);
  if (when && !wanted) setWanted(true);
  return wanted ? <Suspense>{children}</Suspense> : null;
}

const rooms: readonly { readonly href: string; readonly word: string; readonly icon: IconName }[] = [
  { href: paths.board(), word: 'Board', icon: 'board' },
  { href: paths.runs(), word: 'Runs', icon: 'runs' },
  { href: paths.approvals(), word: 'Approvals', icon: 'hand' },
  { href: paths.activity(), word: 'Activity', icon: 'activity' },
  { href: paths.system(), word: 'System', icon: 'system' },
];

function Room({ href, word, icon, count }: (typeof rooms)[number] & { readonly count: number }) {
  const [here] = useRoute(href === '/' ? '/' : `${href}/*?`);
  return (
    <Link href={href} className={styles.room} aria-current={here ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{word}</span>
      {count > 0 && (
        <span className={styles.count}>
          {count}
          <span className="hidden"> waiting</span>
        </span>
      )}
    </Link>
  );
}
