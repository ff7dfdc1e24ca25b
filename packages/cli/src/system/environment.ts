import { delimiter, isAbsolute, relative, sep } from 'node:path';

/**
 * What commands of stages and services get to see of the shell that ran `up`: who and where they are, and what the way to the network
 * needs. Everything else (tokens above all) stays out.
 */
const kept: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR'],
  ...['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'],
  ...[
    'JAVA_HOME',
    'GOPATH',
    'GOPROXY',
    'CARGO_HOME',
    'RUSTUP_HOME',
    'NVM_DIR',
    'PYENV_ROOT',
    'RBENV_ROOT',
    'PNPM_HOME',
  ],
  ...['PIP_INDEX_URL', 'DOCKER_HOST'],
]);
const keptPatterns = [
  /^LC_[A-Z]+$/,
  /^(https?|all|no|ftp)_proxy$/i,
  /^npm_config_(registry|cafile|userconfig|cache)$/i,
  /^COREPACK_(NPM_REGISTRY|HOME|INTEGRITY_KEYS)$/,
];

/**
 * The environment that stages and services inherit. PATH stays as the user has it, but for folders inside Towpath's own `modules`
 * (`npx` and `npm run` put them in front): a service must not be built by the Node that Towpath brought for itself.
 */
export function baseEnvironment(env: NodeJS.ProcessEnv, modules: string): Record<string, string> {
  const base: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || !(kept.has(name) || keptPatterns.some((pattern) => pattern.test(name)))) continue;
    base[name] = name === 'PATH' ? withoutFolders(value, modules) : value;
  }
  return base;
}

function withoutFolders(path: string, modules: string): string {
  return path
    .split(delimiter)
    .filter((folder) => !isInside(folder, modules))
    .join(delimiter);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return isAbsolute(path) && way !== '..' && !way.startsWith(`..${sep}`);
}
