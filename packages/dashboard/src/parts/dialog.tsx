import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './dialog.module.css';

interface DialogProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly title: ReactNode;
  readonly size: number;
  readonly children: ReactNode;
}

/** What stands before the page until it is answered or closed. The page's policy allows no style that would lock its scrolling. */
export const Dialog = ({ opened, close, title, size, children }: DialogProps) => (
  <Modal.Root opened={opened} onClose={close} size={size} lockScroll={false} transitionProps={{ duration: 120 }}>
    <Modal.Overlay />
    <Modal.Content>
      <div className={styles.head}>
        <Modal.Title>{title}</Modal.Title>
        <Modal.CloseButton aria-label="Close" />
      </div>
      <Modal.Body>{children}</Modal.Body>
    </Modal.Content>
  </Modal.Root>
);
