import { Dialog } from '../parts/dialog.tsx';
import { places } from './keyboard.ts';
import styles from './shortcuts.module.css';

const rows: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['⌘', 'K'], 'Search, and do something'],
  [['j'], 'Next row'],
  [['k'], 'Row before'],
  [['↵'], 'Open it'],
  [['/'], 'Filter or search in the page'],
  ...Object.entries(places).map(([key, [, word]]) => [['g', key], word] as const),
  [['f'], 'Log: follow its end'],
  [['w'], 'Log: wrap long lines'],
  [['?'], 'These keys'],
];

interface ShortcutsProps {
  readonly opened: boolean;
  readonly close: () => void;
}

export const Shortcuts = ({ opened, close }: ShortcutsProps) => (
  <Dialog opened={opened} close={close} title="Keyboard" size={420}>
    <dl className={styles.keys}>
      {rows.map(([keys, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>
            {keys.map((each) => (
              <kbd key={each}>{each}</kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
