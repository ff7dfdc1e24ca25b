import { Modal } from '@mantine/core';
import { type KeyboardEvent, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { askFor } from '../actions/action.ts';
import { useBoard } from '../live/queries.ts';
import { Icon } from '../parts/icon.tsx';
import { type Found, find } from './find.ts';
import styles from './spotlight.module.css';

interface SpotlightProps {
  readonly opened: boolean;
  readonly close: () => void;
}

/** Goes anywhere and does anything by a few letters. */
export const Spotlight = ({ opened, close }: SpotlightProps) => (
  <Modal.Root
    opened={opened}
    onClose={close}
    size={600}
    yOffset="12vh"
    padding={0}
    lockScroll={false}
    transitionProps={{ duration: 80 }}
  >
    <Modal.Overlay />
    <Modal.Content aria-label="Search">
      <Search close={close} />
    </Modal.Content>
  </Modal.Root>
);

function Search({ close }: { readonly close: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const id = useId();
  const found = find(text, useBoard().data?.services ?? []);
  const choose = (each: Found | undefined): void => {
    if (each === undefined) return;
    close();
    if (each.action !== undefined) askFor(each.action);
    else go(each.path);
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((at + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.search}>
      <div className={styles.field}>
        <Icon name="search" size={18} />
        <input
          data-autofocus
          role="combobox"
          aria-label="Search"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={found[at] === undefined ? undefined : `${id}-${at}`}
          placeholder="A service, #219, or something to do"
          value={text}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={onKey}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
        />
      </div>
      <div role="listbox" id={id} aria-label="Found" className={styles.list}>
        {found.map((each, index) => (
          <div
            key={each.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={styles.option}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(each)}
            onKeyDown={onKey}
            ref={index === at ? (node) => node?.scrollIntoView({ block: 'nearest' }) : undefined}
          >
            <span className="cut">{each.title}</span>
            <span className="faint cut">{each.about}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={styles.none}>Nothing is called that.</p>}
    </div>
  );
}
