import { resolve } from 'node:path';
import { sizeMi } from '@towpath/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { contextsFile, rememberContext } from '../contexts.ts';
import { copyable, createOutput, faint, type Output, strong } from '../output.ts';
import type { GivenDatabase } from '../system/database.ts';
import { baseEnvironment } from '../system/environment.ts';
import { findLauncher, linkCommand } from '../system/launcher.ts';
import { currentUser, defaultDataFolder } from '../system/layout.ts';
import { findParts } from '../system/parts.ts';
import type { HostPort } from '../system/settings.ts';
import { bringUp, type Running } from '../system/up.ts';

interface Options {
  readonly data?: string;
  readonly domain?: string;
  readonly listen?: HostPort;
  readonly control?: HostPort;
  readonly routerPort?: HostPort;
  readonly port?: HostPort;
  readonly servers?: number;
  /** In MiB. */
  readonly maxPush?: number;
  readonly databaseUrl?: string;
  readonly takeEnv?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .option(
      '--data <folder>',
      'where everything is kept (default: $TOWPATH_DATA, /var/lib/towpath for root, else the XDG data folder)',
    )
    .option('--domain <name>', 'services answer at <service>.<name> (at first: localhost)', asDomain)
    .option('--listen <host:port>', "where users' requests arrive (at first: 127.0.0.1:8080)", asHostPort)
    .option('--control <host:port>', 'where the API and git are reached (at first: 127.0.0.1:7070)', asHostPort)
    .addOption(
      new Option('--router-port <port>', 'short for --listen 127.0.0.1:<port>')
        .argParser(asLocalPort)
        .conflicts('listen'),
    )
    .addOption(
      new Option('--port <port>', 'short for --control 127.0.0.1:<port>').argParser(asLocalPort).conflicts('control'),
    )
    .option('--servers <number>', 'how many servers share the work, 1 to 9 (at first: 1)', asServers)
    .option('--max-push <size>', 'largest push that is taken, like 500Mi or 4Gi (at first: 2Gi)', asSize)
    .option(
      '--database-url <url>',
      'a PostgreSQL of yours, 15 or newer, instead of the embedded one; better: $DATABASE_URL',
    )
    .option(
      '--take-env',
      "let stages and services inherit this shell's PATH and proxies from now on, not those of the first `up`",
    )
    .option('--detach', 'return when it is up: what `up` does anyway')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nMay be run again at any time: it starts what is missing and replaces what runs with older code.\nWhat is given once is kept. Port 0 picks a free one.',
    )
    .action(up);
}

async function up(options: Options): Promise<void> {
  const output = createOutput(options.json === true);
  const began = performance.now();
  const user = currentUser();
  const parts = findParts();
  const env = baseEnvironment(process.env, parts.modules);
  const running = await bringUp({
    data: resolve(options.data ?? defaultDataFolder(user, process.env)),
    user,
    wishes: {
      domain: options.domain,
      listen: options.listen ?? options.routerPort,
      control: options.control ?? options.port,
      servers: options.servers,
      maxPushMi: options.maxPush,
      env: options.takeEnv === true ? env : undefined,
    },
    database: givenDatabase(options.databaseUrl),
    parts,
    node: process.execPath,
    env,
    progress: output,
  });
  logIn(output, running);
  show(output, running, performance.now() - began, user.root);
  const { url, token, routerUrl, gitUrl, domain, data, database, servers, started } = running;
  output.result({ url, token, routerUrl, gitUrl, domain, data, database, servers, started });
}

/** A home that cannot be written to is no reason to fail: Towpath runs. */
function logIn(output: Output, { data, url, tokenFile }: Running): void {
  const file = contextsFile();
  try {
    rememberContext(file, data, { url, credential: { tokenFile } });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    output.warn(`${file} cannot be written (${why}): other commands need TOWPATH_URL and TOWPATH_TOKEN`);
  }
}

function show(output: Output, running: Running, ms: number, root: boolean): void {
  const what = running.started.length === 0 ? 'Towpath runs already' : 'Towpath is up';
  output.done(strong(what), ms);
  output.line();
  const { port } = new URL(running.routerUrl);
  output.fields([
    ['dashboard', copyable(running.url)],
    ['services', `http://${faint('<service>')}.${running.domain}:${port}`],
    ['data', running.data],
    ['token', running.tokenFile],
    ['database', running.database],
    ...(running.postgresPlace === null
      ? []
      : [['', `in ${running.postgresPlace}: its account cannot reach ${running.data}`] as const]),
  ]);
  output.line();
  const link = linkCommand(findLauncher(), process.env, root);
  if (link !== null) output.line(`  towpath is not on your PATH yet: ${copyable(link)}`);
  output.line(`  next, in the folder of a service: ${copyable('towpath init')}`);
}

function givenDatabase(flag: string | undefined): GivenDatabase | null {
  if (flag !== undefined) return { url: flag, by: 'flag' };
  const variable = process.env.DATABASE_URL;
  return variable ? { url: variable, by: 'variable' } : null;
}

function asPort(word: string): number {
  const port = /^\d{1,5}$/.test(word) ? Number(word) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('Ports go from 0 to 65535.');
  return port;
}

const asLocalPort = (word: string): HostPort => ({ host: '127.0.0.1', port: asPort(word) });

function asHostPort(word: string): HostPort {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(word) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || host === '' || port === undefined) {
    throw new InvalidArgumentError('It looks like 127.0.0.1:8080, 0.0.0.0:80 or [::1]:8080.');
  }
  return { host, port: asPort(port) };
}

function asServers(word: string): number {
  if (!/^[1-9]$/.test(word)) throw new InvalidArgumentError('It must be 1 to 9.');
  return Number(word);
}

function asSize(word: string): number {
  const mi = sizeMi(word);
  if (mi === null || mi === 0) throw new InvalidArgumentError('It looks like 500Mi or 4Gi.');
  return mi;
}

function asDomain(word: string): string {
  const domain = word.toLowerCase();
  if (domain.length > 200 || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(domain)) {
    throw new InvalidArgumentError('It looks like apps.example.com.');
  }
  return domain;
}
