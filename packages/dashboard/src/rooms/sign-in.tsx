import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { Copyable } from '../parts/copy.tsx';
import { Logo } from '../parts/logo.tsx';
import { Problem } from '../parts/notice.tsx';
import { signIn } from '../transport/session.ts';
import styles from './sign-in.module.css';

/** @param code a one-time code that the address had */
export function SignIn({ code }: { readonly code: string | null }) {
  const [token, setToken] = useState('');
  const { mutate, error, isPending } = useMutation({
    mutationFn: signIn,
    // What the page was asked for is behind the door; the code must not stay in the address.
    onSuccess: () => location.replace(location.pathname === '/login' ? '/' : location.href),
  });
  useEffect(() => {
    document.title = 'Sign in · Towpath';
    if (code === null) return;
    history.replaceState(null, '', '/login');
    mutate({ code });
  }, [code, mutate]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') mutate({ token: token.trim() });
  };
  return (
    <main className={styles.room} id="main">
      <div className={styles.door}>
        <Logo size={36} />
        <h1>Sign in to Towpath</h1>
        <form onSubmit={submit} className={styles.form}>
          {/* What keeps passwords wants to know whose it is. */}
          <input type="text" name="username" autoComplete="username" value="towpath" readOnly hidden />
          <PasswordInput
            label="Token"
            description="towpath up prints where it is kept."
            value={token}
            autoFocus
            autoComplete="current-password"
            onChange={(event) => setToken(event.currentTarget.value)}
          />
          {error !== null && <Problem error={error} />}
          <Button type="submit" loading={isPending} fullWidth>
            Sign in
          </Button>
        </form>
        <div className={styles.other}>
          <p className="dim">Or without typing it, where you are logged in on the command line:</p>
          <Copyable value="towpath dashboard" what="the command" />
        </div>
      </div>
    </main>
  );
}
