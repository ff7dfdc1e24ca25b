import { z } from 'zod';

/** Largest push that is taken when nobody said otherwise, in bytes. */
export const defaultPushBytes = 2 * 1024 ** 3;

/**
 * Every setting of the server: validation, default and description at once. `towpath up` writes this file; elsewhere it is written by
 * hand and given as the first argument of main.ts. Paths are absolute.
 */
export const ServerConfig = z.object({
  name: z.string().default('server-1').describe('Name of this server process, unique on its host.'),
  dataDir: z.string().describe('Where mirrors, workspaces, bundles and logs are kept.'),
  socket: z.string().describe('Unix socket for the API; the router forwards to it.'),
  databaseUrl: z.string().describe('PostgreSQL 15 or newer.'),
  keyFile: z
    .string()
    .describe('32 random bytes, base64, mode 0600: seals secrets at rest. Keep a copy: without it they are lost.'),
  bootstrapTokenFile: z.string().describe("The owner's first token, mode 0600."),
  domain: z.string().default('localhost').describe('Services answer at <service>.<domain>.'),
  appsUrl: z.url().describe("Where the router takes users' requests."),
  controlUrl: z.url().describe('Where the router takes requests for the API and for git.'),
  router: z.object({ socket: z.string() }).describe('Control socket of the embedded router.'),
  supervisor: z.object({
    socket: z.string(),
    config: z.string().describe("The supervisor's own configuration, so that the server can bring it back."),
  }),
  baseEnv: z
    .record(z.string(), z.string())
    .default({})
    .describe('What commands of stages and services inherit: PATH, HOME and the like.'),
  replicaPorts: z
    .object({ from: z.int().min(1024).max(65535).default(20_000), to: z.int().min(1024).max(65535).default(29_999) })
    .prefault({})
    .describe('Ports that replicas of the process platform listen on.'),
  logs: z
    .object({
      mostBytes: z
        .int()
        .min(10_000)
        .default(50_000_000)
        .describe('What is kept of a log, in bytes: of one that goes on, its beginning and its end.'),
      tailBytes: z.int().min(1_000).max(1_000_000).default(64_000).describe('How much of the end of a log, in bytes.'),
      goodHours: z
        .int()
        .min(1)
        .max(100_000)
        .default(48)
        .describe(
          'How long the whole log is kept of what went well and of replicas, in hours from the end of its day (UTC).',
        ),
      keptDays: z
        .int()
        .min(1)
        .max(10_000)
        .default(30)
        .describe('How long logs of what failed are kept, and the end of every log, in days.'),
    })
    .prefault({})
    .describe('What commands and replicas print.'),
  limits: z
    .object({
      stages: z.int().min(1).default(4).describe('Stage commands that run at once; the others queue.'),
      runs: z.int().min(1).default(200).describe("Runs in progress at once; waiting ones don't count."),
      cacheBytes: z
        .int()
        .min(0)
        .default(10_000_000_000)
        .describe('What the dependency cache may hold, in bytes; the least recently used goes first.'),
      downloadBytes: z
        .int()
        .min(0)
        .default(10_000_000_000)
        .describe(
          'What the download caches of package managers may hold, in bytes; the least recently used scope goes first.',
        ),
      pushBytes: z
        .int()
        .min(1)
        .default(defaultPushBytes)
        .describe('Largest push that is taken, in bytes: `towpath up --max-push 4Gi`.'),
      requestsPerMinute: z
        .int()
        .min(60)
        .default(30_000)
        .describe('API requests of one token in a minute, on each server; a sixth of it may come at once.'),
      failedLoginsPerMinute: z
        .int()
        .min(1)
        .default(10)
        .describe('Log-ins with a wrong token or code from one address in a minute, after which it has to wait.'),
      commitFiles: z.int().min(100_000).default(1_000_000).describe('Files that one commit may have.'),
      commitBytes: z
        .int()
        .min(1_000_000_000)
        .default(20_000_000_000)
        .describe('What the files of one commit may come to when they are laid out, in bytes.'),
    })
    .prefault({}),
});
export type ServerConfig = z.infer<typeof ServerConfig>;
