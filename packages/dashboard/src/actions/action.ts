import { createStore } from '../transport/store.ts';

/** Something that people can do, with what they are told before. */
export interface Action {
  /** On the button that opens the question: `Roll back`. */
  readonly label: string;
  /** The question's title: `Roll production back to v40?` */
  readonly title: string;
  /** What will happen, one thing after another. */
  readonly says: readonly string[];
  /** On the button that does it; without a question mark the same verb as in the title. */
  readonly confirm: string;
  /** It takes something away from users, or stops work. */
  readonly danger?: true;
  /** What else may be said: kept with it, or what it is done with. */
  readonly field?: { readonly label: string; readonly placeholder?: string; readonly needed?: true };
  /** The same on the command line; null: it has no word for it. */
  readonly command: ((text: string) => string) | null;
  /** Does it; answers with a sentence, and the page to go on with. */
  readonly act: (text: string) => Promise<Done>;
}
export interface Done {
  readonly said: string;
  readonly to?: string;
}

/** The action that is being asked about; null: none. */
export const asked = createStore<Action | null>(null);
export const askFor = (action: Action): void => asked.set(action);
