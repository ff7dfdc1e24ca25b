import type { Kind } from './kind.ts';

const environment =
  'a virtual environment holds the path of the folder that it was made in; what is downloaded for it is kept';

/** Install commands whose folder is never kept, and why. Prefixes set variables: `POETRY_VIRTUALENVS_IN_PROJECT=true poetry install`. */
const reasons: readonly (readonly [command: RegExp, refused: string])[] = [
  [
    /^python3? -m venv /,
    `${environment}. Only one that files of requirements at the top of the folder pin is kept as a whole`,
  ],
  [/^(?:\w+=\w+ )*(?:uv sync|poetry install|pdm install|pipenv (?:sync|install))(?: |$)/, environment],
  [
    /^pnpm (?:install|i)(?: |$)/,
    'of pnpm only what "pnpm install --frozen-lockfile" makes is kept as a whole; the packages that it downloaded are kept',
  ],
  [
    /^(?:\w+=\w+ )*(?:yarn|node \S+) install --immutable(?: |$)/,
    'Yarn 2 and later keep what they know of an install outside of node_modules; the packages that it downloaded are kept',
  ],
];

export const notKept: readonly Kind[] = reasons.map(([command, refused]) => ({
  command,
  read: () => ({ refused }),
}));
