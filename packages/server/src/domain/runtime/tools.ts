/** What is known of the programs that commands need: by what a command line shows that it needs them, and how to get them. */

export interface ToolKind {
  /** The program that is looked for. */
  readonly program: string;
  /** Others that come with it, or are started by it: a command that names one needs it. */
  readonly others?: readonly string[];
  /** How to get it, in a few words. @param version `22`; null: any */
  readonly get: (version: string | null) => string;
  /** What it builds runs without it. */
  readonly compiles?: true;
  /** Its versions can be told apart, though it is no language. */
  readonly versioned?: true;
}

const of = (version: string | null, otherwise = ''): string => version ?? otherwise;

/** The languages: those that `runtime` names in the settings. */
const runtimes: Readonly<Record<string, ToolKind>> = {
  node: {
    program: 'node',
    others: ['npm', 'npx', 'corepack', 'pnpm', 'yarn'],
    get: (version) =>
      version === null
        ? 'nvm install --lts (https://github.com/nvm-sh/nvm)'
        : `nvm install ${version} (https://github.com/nvm-sh/nvm)`,
  },
  bun: {
    program: 'bun',
    others: ['bunx'],
    get: (version) => `curl -fsSL https://bun.sh/install | bash${version === null ? '' : ` -s bun-v${version}`}`,
  },
  python: {
    program: 'python3',
    others: ['python', 'pip', 'pip3'],
    get: (version) =>
      `uv python install${version === null ? '' : ` ${version}`} (https://docs.astral.sh/uv), or pyenv install ${of(version, '3')} (https://github.com/pyenv/pyenv)`,
  },
  go: {
    program: 'go',
    others: ['gofmt'],
    get: (version) => `unpack Go ${of(version)}${version === null ? '' : ' '}of https://go.dev/dl`,
    compiles: true,
  },
  rust: {
    program: 'rustc',
    others: ['cargo'],
    get: (version) => `rustup toolchain install ${of(version, 'stable')} (https://rustup.rs)`,
    compiles: true,
  },
  java: {
    program: 'java',
    others: ['javac', 'mvn', 'mvnw', 'gradle', 'gradlew'],
    get: (version) =>
      version === null
        ? 'apt-get install default-jdk'
        : `apt-get install openjdk-${majorOf(version)}-jdk, or https://adoptium.net`,
  },
  ruby: {
    program: 'ruby',
    others: ['bundle', 'gem', 'rake', 'jekyll'],
    get: (version) =>
      version === null ? 'apt-get install ruby-full' : `rbenv install ${version} (https://github.com/rbenv/rbenv)`,
  },
  php: {
    program: 'php',
    others: ['composer'],
    get: (version) => `apt-get install php${of(version)}-cli`,
  },
};

/** Those that only have to be there, or whose version the commit names. */
const managers: Readonly<Record<string, ToolKind>> = {
  pnpm: {
    program: 'pnpm',
    versioned: true,
    get: (version) =>
      `npm install --global ${version === null ? 'pnpm' : `pnpm@${version}`}, or corepack, which fetches it`,
  },
  yarn: {
    program: 'yarn',
    versioned: true,
    get: (version) =>
      version === null || /^1(\.|$)/.test(version)
        ? `npm install --global yarn${version === null ? '' : `@${version}`}, or corepack, which fetches it`
        : 'npm install --global corepack, which fetches it',
  },
  uv: { program: 'uv', get: () => 'curl -LsSf https://astral.sh/uv/install.sh | sh' },
  poetry: { program: 'poetry', get: () => 'pipx install poetry (https://python-poetry.org)' },
  pdm: { program: 'pdm', get: () => 'pipx install pdm (https://pdm-project.org)' },
  pipenv: { program: 'pipenv', get: () => 'pipx install pipenv (https://pipenv.pypa.io)' },
  'golangci-lint': { program: 'golangci-lint', get: () => 'https://golangci-lint.run, "Install"' },
  maven: { program: 'mvn', get: () => 'apt-get install maven, or commit the wrapper: mvn wrapper:wrapper' },
  gradle: { program: 'gradle', get: () => 'https://gradle.org/install, or commit the wrapper: gradle wrapper' },
  bundler: { program: 'bundle', get: () => 'gem install bundler' },
  composer: { program: 'composer', get: () => 'https://getcomposer.org/download' },
  elixir: { program: 'elixir', others: ['mix'], get: () => 'https://elixir-lang.org/install.html' },
  dotnet: { program: 'dotnet', get: () => 'https://dotnet.microsoft.com/download' },
  deno: { program: 'deno', get: () => 'curl -fsSL https://deno.land/install.sh | sh' },
  hugo: { program: 'hugo', get: () => 'apt-get install hugo, or https://gohugo.io/installation' },
  zola: { program: 'zola', get: () => 'https://www.getzola.org/documentation/getting-started/installation' },
  mdbook: { program: 'mdbook', get: () => 'cargo install mdbook' },
};

const kinds: Readonly<Record<string, ToolKind>> = { ...runtimes, ...managers };

/** What is known of a tool; null of one that nobody knows. */
export const toolKind = (name: string): ToolKind | null => (Object.hasOwn(kinds, name) ? (kinds[name] ?? null) : null);

/** Is it a language, of which several versions may be on a machine? */
export const isRuntime = (name: string): boolean => Object.hasOwn(runtimes, name);

/** Can its versions be told apart? Of all others only whether they are there. */
export const isVersioned = (name: string): boolean => isRuntime(name) || toolKind(name)?.versioned === true;

/** Does one of the command lines name the tool, or what comes with it? A word in quotes counts, too: it may be a command of `sh -c`. */
export function names(commands: readonly string[], name: string): boolean {
  const kind = toolKind(name);
  if (kind === null) return false;
  const programs = new Set([kind.program, ...(kind.others ?? [])]);
  // `.venv/bin/python` is made by the tool, and `./gradlew` starts it.
  return commands.some((line) =>
    line.split(/[\s;&|()'"=]+/).some((word) => programs.has(word.slice(word.lastIndexOf('/') + 1))),
  );
}

const majorOf = (version: string): string => version.split('.')[0] ?? version;
