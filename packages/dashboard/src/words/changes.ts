import type { ReleaseChanges } from '@towpath/contract';

/** One kind of thing that a release changed. */
export interface ChangePart {
  /** `config`, `secrets`, `settings` */
  readonly what: string;
  /** With what happened to each: `+NEW`, `~LOG_LEVEL`, `−OLD`. */
  readonly names: readonly { readonly sign: '+' | '~' | '−'; readonly name: string }[];
}

/** What changed besides the code, in the order of how much it tells. */
export function changeParts({ config, secrets, settings }: ReleaseChanges): ChangePart[] {
  return [
    { what: 'config', names: signed(config) },
    { what: 'secrets', names: signed(secrets) },
    { what: 'settings', names: settings.map((name) => ({ sign: '~' as const, name })) },
  ].filter(({ names }) => names.length > 0);
}

const signed = ({ added, changed, removed }: ReleaseChanges['config']): ChangePart['names'] => [
  ...added.map((name) => ({ sign: '+' as const, name })),
  ...changed.map((name) => ({ sign: '~' as const, name })),
  ...removed.map((name) => ({ sign: '−' as const, name })),
];

/** As it is said aloud. */
export const signWords: Readonly<Record<'+' | '~' | '−', string>> = { '+': 'added', '~': 'changed', '−': 'removed' };
