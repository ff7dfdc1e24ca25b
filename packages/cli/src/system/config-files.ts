import { type RouterConfig, RouterConfig as RouterSchema } from '@towpath/contract/router';
import { ServerConfig } from '@towpath/server/config';
import type { SupervisorConfigInput } from '@towpath/supervisor/client';
import type { z } from 'zod';
import { digestOf } from './applied.ts';
import type { Layout } from './layout.ts';
import { fingerprint, type Part, type Parts } from './parts.ts';
import { bytesOfMi, type HostPort, type Settings } from './settings.ts';

export type SystemProcess = NonNullable<SupervisorConfigInput['system']>[number];

/** What a running system is made of, as values: nothing here touches the disk. */
export interface System {
  readonly supervisor: ConfigFile<SupervisorConfigInput & { readonly system: readonly SystemProcess[] }>;
  readonly others: readonly ConfigFile<ServerConfig | RouterConfig>[];
}

interface ConfigFile<T> {
  readonly path: string;
  readonly config: T;
}

export interface SystemInputs {
  readonly layout: Layout;
  readonly settings: Settings;
  readonly parts: Parts;
  readonly databaseUrl: string;
  /** The embedded PostgreSQL; null with somebody else's database. */
  readonly postgres: SystemProcess | null;
  readonly node: string;
}

/** Without it an idle server keeps 200 MB, most of it garbage of its start; with it 85. */
const serverFlags = ['--max-semi-space-size=8'];

/** Everything that `up` writes for the parts, from what it knows. The same inputs give the same value. */
export function describeSystem(inputs: SystemInputs): System {
  const { layout, settings, postgres } = inputs;
  const indexes = Array.from({ length: settings.servers }, (_, index) => index + 1);
  const servers = indexes.map((index) => {
    const file = { path: layout.serverConfig(index), config: serverConfig(inputs, index) };
    return { file, process: serverProcess(inputs, index, file) };
  });
  const router = { path: layout.routerConfig, config: routerConfig(inputs, indexes) };
  const system = [
    ...(postgres === null ? [] : [postgres]),
    // They are ended in the opposite order: users' requests are the router's until the last server has left.
    routerProcess(inputs, router),
    ...servers.map(({ process }) => process),
  ];
  return {
    supervisor: {
      path: layout.supervisorConfig,
      config: { socket: layout.supervisorSocket, dataDir: layout.supervisorState, system },
    },
    others: [...servers.map(({ file }) => file), router],
  };
}

export function urlOf({ host, port }: HostPort): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  return `http://${reached}:${port}`;
}

function serverConfig({ layout, settings, databaseUrl }: SystemInputs, index: number): ServerConfig {
  return ServerConfig.parse({
    name: `server-${index}`,
    dataDir: layout.serverState,
    socket: layout.serverSocket(index),
    databaseUrl,
    keyFile: layout.masterKey,
    bootstrapTokenFile: layout.bootstrapToken,
    domain: settings.domain,
    appsUrl: urlOf(settings.listen),
    controlUrl: urlOf(settings.control),
    router: { socket: layout.routerSocket },
    supervisor: { socket: layout.supervisorSocket, config: layout.supervisorConfig },
    baseEnv: settings.env,
    limits: { pushBytes: settings.maxPushMi * bytesOfMi },
  } satisfies z.input<typeof ServerConfig>);
}

function routerConfig({ layout, settings }: SystemInputs, indexes: readonly number[]): RouterConfig {
  return RouterSchema.parse({
    socket: layout.routerSocket,
    stateDir: layout.routerState,
    listen: [
      { purpose: 'apps', ...settings.listen },
      { purpose: 'control', ...settings.control },
    ],
    control: indexes.map((index) => ({ socket: layout.serverSocket(index) })),
  } satisfies z.input<typeof RouterSchema>);
}

function serverProcess(inputs: SystemInputs, index: number, file: ConfigFile<ServerConfig>): SystemProcess {
  const { layout, parts, postgres } = inputs;
  return {
    name: `server-${index}`,
    after: postgres === null ? [] : [postgres.name],
    spec: nodeSpec(inputs, parts.server, file, serverFlags),
    ready: { socket: layout.serverSocket(index) },
  };
}

/** It waits for nobody: it serves its last table while PostgreSQL and the servers are still away. */
function routerProcess(inputs: SystemInputs, file: ConfigFile<RouterConfig>): SystemProcess {
  return {
    name: 'router',
    spec: nodeSpec(inputs, inputs.parts.router, file),
    ready: { socket: inputs.layout.routerSocket },
  };
}

function nodeSpec(
  inputs: SystemInputs,
  part: Part,
  file: ConfigFile<unknown>,
  flags: readonly string[] = [],
): SystemProcess['spec'] {
  const { layout, settings, node } = inputs;
  return {
    argv: [node, ...flags, part.entry, file.path],
    cwd: layout.data,
    env: {
      ...settings.env,
      NODE_COMPILE_CACHE: layout.compiled,
      // Other code or another configuration makes it another specification: whatever runs by an older one is replaced.
      TOWPATH_BUILD: `${fingerprint(part)}-${digestOf(file.config)}`,
    },
    graceMs: 20_000,
  };
}
