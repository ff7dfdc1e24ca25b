/**
 * The house as data: what each package and each room of the server is for, and what it may import.
 * `npm run imports` holds the code against it; a folder or a library that is not in here is refused.
 */

export interface Package {
  readonly meaning: string;
  /** Packages of the workspace that it may import; `name/entry` allows that one entry only. */
  readonly packages: readonly string[];
  /** Libraries from npm, and `node` for Node's own modules. */
  readonly libraries: readonly string[];
}

export interface Room {
  readonly meaning: string;
  readonly libraries: readonly string[];
  /** Packages of the workspace, beyond those that the whole server may import. */
  readonly packages?: readonly string[];
  /** Files beside it that belong to it. */
  readonly files?: readonly string[];
  /** Its subfolders are drivers: they share the room's own files and know nothing of each other. */
  readonly drivers?: true;
}

export const packages: Readonly<Record<string, Package>> = {
  contract: { meaning: 'wire types, status words, event names, error catalogue', packages: [], libraries: ['zod'] },
  client: { meaning: 'typed API client of CLI and dashboard', packages: ['contract'], libraries: ['zod'] },
  router: { meaning: 'the data plane of one host', packages: ['contract'], libraries: ['node', 'zod'] },
  supervisor: { meaning: "keeper of one host's processes", packages: ['contract'], libraries: ['node', 'zod'] },
  dashboard: {
    meaning: 'what people see of it in a browser',
    packages: ['client', 'contract'],
    libraries: [
      'zod',
      'react',
      'react-dom',
      'wouter',
      '@mantine/core',
      '@mantine/notifications',
      '@tanstack/react-query',
      '@tanstack/react-virtual',
    ],
  },
  server: { meaning: 'the control plane; its rooms are below', packages: ['contract'], libraries: [] },
  cli: {
    meaning: '`towpath`, a file a command',
    packages: ['contract', 'client', 'supervisor/client', 'server/config'],
    libraries: ['node', 'zod', 'commander', 'picocolors', 'pg'],
  },
};

/** The server's floors, lowest first: a room may import rooms of lower floors, never one of its own floor or above. */
export const floors: readonly Readonly<Record<string, Room>>[] = [
  {
    'config.ts': { meaning: 'every setting: schema, default, description', libraries: ['node', 'zod'] },
    'disk-full.ts': { meaning: 'is that what an error comes from?', libraries: [] },
    'alive.ts': { meaning: 'is there a process of this pid?', libraries: ['node'] },
    'on-path.ts': { meaning: 'programs of the PATH, and whose they are', libraries: ['node', 'zod'] },
    'tree.ts': { meaning: 'folders with all that is in them: removed, opened, flushed', libraries: ['node'] },
    'preparing-client.ts': { meaning: 'a connection that prepares each statement once', libraries: ['pg'] },
    'version.ts': { meaning: 'which Towpath this is', libraries: [] },
    'faults.ts': { meaning: 'failures on purpose, for the fakes of drivers', libraries: ['node'] },
    'failpoints.ts': { meaning: 'where a crash can be ordered', libraries: [] },
  },
  {
    domain: {
      meaning: 'decisions without I/O and without a clock',
      libraries: ['zod', 'yaml', 'saxes', 'semver', 'smol-toml'],
    },
  },
  {
    engine: { meaning: 'durable execution', libraries: ['node', 'zod', 'pg', '@dbos-inc/dbos-sdk'] },
    store: {
      meaning: 'PostgreSQL: schema, nouns, migrations',
      libraries: ['node', 'zod', 'pg', 'drizzle-orm'],
    },
    executors: { meaning: "where a stage's commands run", libraries: ['node', 'zod'], drivers: true },
    platforms: { meaning: 'where a release runs', libraries: ['node', 'zod', 'send'], drivers: true },
    traffic: { meaning: 'who gets which release', libraries: ['node', 'zod'], drivers: true },
    sources: { meaning: 'where commits come from', libraries: ['node', 'zod'], drivers: true },
    artifacts: { meaning: 'what build made, by digest', libraries: ['node', 'zod'], drivers: true },
    secrets: { meaning: 'values encrypted at rest', libraries: ['node', 'zod'], drivers: true },
  },
  {
    logs: { meaning: 'what is printed: stored once, followed by any number', libraries: ['node'] },
  },
  {
    commands: { meaning: 'a command followed to its end', libraries: [] },
  },
  {
    runs: { meaning: 'the run workflow and its stages', libraries: ['node', 'zod'] },
    rollouts: { meaning: 'the rollout workflow', libraries: ['node', 'zod'] },
    insights: { meaning: 'what is measured, collected by one server at a time', libraries: ['node'] },
  },
  {
    operations: { meaning: 'one verb a file; authorisation and audit', libraries: ['node', 'zod'] },
  },
  {
    http: { meaning: 'parse, operation, serialise', libraries: ['node', 'zod', 'fastify'] },
  },
  {
    'main.ts': {
      meaning: 'composition root; lists every driver',
      files: ['log.ts', 'defect.ts', 'watch.ts'],
      libraries: ['node', 'zod', 'pg', 'fastify'],
      packages: ['router/client', 'supervisor/client'],
    },
  },
];

export interface Outside {
  readonly meaning: string;
  /** Others of these folders whose files it may import by their paths. */
  readonly beside?: readonly string[];
}

/** Folders of the root that are no package: they may import any package's public entries. */
export const outside: Readonly<Record<string, Outside>> = {
  e2e: { meaning: 'stories told from outside' },
  bench: { meaning: 'numbers', beside: ['e2e'] },
  scripts: { meaning: 'tooling of the workspace; its parts.ts is open to every test' },
};
