/** Where a package manager keeps what it downloads, and how it is told to keep it elsewhere. */
interface DownloadCache {
  readonly tool: string;
  /** Variables and the folder that each names, below the scope's. */
  readonly folders: Readonly<Record<string, string>>;
  /** Variables without which the folders would not be safe. */
  readonly values?: Readonly<Record<string, string>>;
  /**
   * Who says that several of its processes may share the folder at once; null: nobody, so that a run has one for itself as long as it
   * lasts, and leaves it to a later run.
   */
  readonly concurrent: string | null;
  /** Settings of the user's that lie in the same folder: they are linked. */
  readonly settings?: { readonly variable: string; readonly home: string; readonly names: readonly string[] };
}

/** The table. Nothing that a build leaves in its own folder may name one of these: they move, and go. */
const caches: readonly DownloadCache[] = [
  // "really good at concurrency": the README of cacache, which it is made with.
  { tool: 'npm', folders: { npm_config_cache: 'npm' }, concurrent: 'https://github.com/npm/cacache' },
  {
    tool: 'pnpm',
    // Its store lies below. npm would warn of each variable npm_config_… that it does not know.
    folders: { PNPM_HOME: 'pnpm' },
    concurrent: 'https://github.com/pnpm/pnpm/issues/941',
  },
  {
    tool: 'pip',
    folders: { PIP_CACHE_DIR: 'pip' },
    concurrent: 'https://github.com/pypa/pip, SafeFileCache in src/pip/_internal/network/cache.py',
  },
  {
    tool: 'uv',
    folders: { UV_CACHE_DIR: 'uv' },
    concurrent: 'https://docs.astral.sh/uv/concepts/cache/#cache-safety',
  },
  {
    tool: 'go',
    folders: { GOMODCACHE: 'go-modules', GOCACHE: 'go-build' },
    concurrent: 'https://pkg.go.dev/cmd/go/internal/cache#Open',
  },
  {
    tool: 'cargo',
    folders: { CARGO_HOME: 'cargo' },
    concurrent: 'https://doc.rust-lang.org/nightly/nightly-rustc/cargo/util/cache_lock/index.html',
    settings: {
      variable: 'CARGO_HOME',
      home: '.cargo',
      names: ['config.toml', 'config', 'credentials.toml', 'credentials'],
    },
  },
  // Known to meet half-written entries: https://github.com/python-poetry/poetry/issues/11048
  {
    tool: 'poetry',
    folders: { POETRY_CACHE_DIR: 'poetry' },
    // Otherwise its virtual environments would lie in there, and a release needs one.
    values: { POETRY_VIRTUALENVS_IN_PROJECT: 'true' },
    concurrent: null,
  },
  { tool: 'pipenv', folders: { PIPENV_CACHE_DIR: 'pipenv' }, concurrent: null },
  { tool: 'bun', folders: { BUN_INSTALL_CACHE_DIR: 'bun' }, concurrent: null },
  {
    tool: 'yarn',
    folders: { YARN_GLOBAL_FOLDER: 'yarn' },
    // Otherwise what Plug'n'Play loads would lie in there, and a release needs it. The folder then serves as a mirror.
    values: { YARN_ENABLE_GLOBAL_CACHE: 'false' },
    concurrent: null,
  },
  // Yarn 1 (which asks for --mutex), Corepack, node-gyp, Cypress, golangci-lint and others.
  { tool: 'others', folders: { XDG_CACHE_HOME: 'xdg' }, concurrent: null },
];

export interface DownloadFolders {
  /** Absolute; of all runs of a scope. */
  readonly shared: string;
  /** Absolute; of one run at a time. */
  readonly own: string;
}

/** Variables that lead every package manager to these folders. */
export function downloadVariables({ shared, own }: DownloadFolders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    caches.flatMap(({ folders, values = {}, concurrent }) => [
      ...Object.entries(folders).map(([name, folder]) => [name, `${concurrent === null ? own : shared}/${folder}`]),
      ...Object.entries(values),
    ]),
  );
}

/** A file of the user's, and where the tool looks for it now. Both absolute. */
export interface SettingsLink {
  readonly from: string;
  readonly to: string;
}

/** Settings and credentials that would be out of sight otherwise. `env` is what commands inherit. */
export function settingsLinks(folders: DownloadFolders, env: Readonly<Record<string, string>>): SettingsLink[] {
  const variables = downloadVariables(folders);
  return caches.flatMap(({ settings }) => {
    if (settings === undefined) return [];
    const from = env[settings.variable] ?? (env.HOME === undefined ? null : `${env.HOME}/${settings.home}`);
    const to = variables[settings.variable];
    return from === null || to === undefined
      ? []
      : settings.names.map((name) => ({ from: `${from}/${name}`, to: `${to}/${name}` }));
  });
}
