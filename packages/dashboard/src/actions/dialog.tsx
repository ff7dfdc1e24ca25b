import { Button, TextInput } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { queries } from '../live/queries.ts';
import { Copyable } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/notice.tsx';
import { useStore } from '../transport/store.ts';
import { type Action, asked } from './action.ts';
import styles from './dialog.module.css';

/** The one question that the page asks before it does something. */
export function ActionDialog() {
  const action = useStore(asked);
  const [shown, setShown] = useState(action);
  // While it fades out, the question stays what it was.
  if (action !== null && action !== shown) setShown(action);
  useEffect(() => {
    document.body.classList.toggle('modal', action !== null);
  }, [action]);
  return (
    <>
      <Notifications position="bottom-center" limit={3} containerWidth={420} />
      <Dialog opened={action !== null} close={() => asked.set(null)} title={shown?.title} size={520}>
        {shown !== null && <Question key={shown.title} action={shown} />}
      </Dialog>
    </>
  );
}

function Question({ action }: { readonly action: Action }) {
  const [text, setText] = useState('');
  const [, go] = useLocation();
  const doing = useMutation({
    mutationFn: () => action.act(text.trim()),
    onSuccess: ({ said, to }) => {
      asked.set(null);
      notifications.show({ message: said, color: 'dark', autoClose: 5_000 });
      if (to !== undefined) go(to);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    doing.mutate();
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <ul className={styles.says}>
        {action.says.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      {action.field !== undefined && (
        <TextInput
          data-autofocus
          label={action.field.label}
          placeholder={action.field.placeholder ?? ''}
          value={text}
          maxLength={2_000}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {action.command !== null && (
        <div className={styles.command}>
          <span className="faint">Copy as command</span>
          <Copyable value={action.command(text.trim())} what="the command" />
        </div>
      )}
      {doing.error !== null && <Problem error={doing.error} />}
      <div className={styles.buttons}>
        <Button variant="default" onClick={() => asked.set(null)}>
          Back
        </Button>
        <Button
          type="submit"
          loading={doing.isPending}
          variant={action.danger ? 'danger' : 'filled'}
          {...(action.field === undefined && { 'data-autofocus': true })}
        >
          {action.confirm}
        </Button>
      </div>
    </form>
  );
}
