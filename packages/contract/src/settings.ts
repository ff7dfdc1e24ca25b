/**
 * The settings of a service, once: what they are called, what they take, what they mean and what holds without them. Validation, the
 * change of settings (`patchOf`), the schema of towpath.yaml and the reference are derived from this.
 */
import { z } from 'zod';
import {
  amount,
  Branch,
  Command,
  duration,
  either,
  Folder,
  fields,
  found,
  looksSecret,
  mapOf,
  Off,
  OwnFolder,
  oneOf,
  Patterns,
  Size,
  UrlPath,
  VariableName,
  Version,
  Word,
  whole,
} from './setting-values.ts';
import { Admission } from './words.ts';

/** What holds when no layer says otherwise. */
export const settingDefaults = {
  folder: '.',
  branch: 'main',
  replicas: 1,
  health: { path: '/', startTimeout: '60s' },
  // 10 s for an answer is nothing unusual, so 30 to drain.
  timeouts: { stage: '30m', drain: '30s' },
} as const;
/** The same for a process that says no more than its command. */
export const processDefaults = { kind: 'worker', replicas: 1, swap: 'overlap' } as const;

interface Notes {
  readonly description: string;
  /** What holds when no layer says otherwise. */
  readonly default?: unknown;
  readonly examples: readonly unknown[];
}

/** A field with what the reference says about it. */
const about = <T extends z.ZodType>(schema: T, notes: Notes) =>
  schema.meta({ ...notes, examples: [...notes.examples] }).optional();

const CommandOrOff = z.union([Off, Command], either('a command or false'));

const runtimes = {
  node: ['Node.js', '22'],
  bun: ['Bun', '1.2'],
  python: ['Python', '3.12'],
  go: ['Go', '1.24'],
  rust: ['Rust', '1.86'],
  java: ['Java', '21'],
  ruby: ['Ruby', '3.4'],
  php: ['PHP', '8.4'],
} as const;
const runtime = (name: keyof typeof runtimes) =>
  about(Version, { description: `Version or range of ${runtimes[name][0]}.`, examples: [runtimes[name][1]] });

const Process = fields({
  kind: about(oneOf('worker', 'job'), {
    description: '`worker` runs all the time, `job` on demand.',
    default: processDefaults.kind,
    examples: ['worker'],
  }),
  command: about(Command, { description: 'Starts it.', examples: ['node dist/worker.js'] }),
  replicas: about(whole(0, 100), {
    description: 'How many of a worker run.',
    default: processDefaults.replicas,
    examples: [2],
  }),
  swap: about(oneOf('overlap', 'exclusive'), {
    description: 'How a worker is replaced: `overlap` starts the new one first, `exclusive` stops the old one first.',
    default: processDefaults.swap,
    examples: ['exclusive'],
  }),
});

const Variables = mapOf(
  VariableName,
  z
    .union([z.string().max(32_000), z.null()], {
      error: ({ input }) => `${found(input)} is no text; text is allowed, in quotes; null removes the variable`,
    })
    .meta({ description: 'Text; null removes what a weaker layer gives.' }),
  'one of variables, as in LOG_LEVEL: info,',
).superRefine((variables, context) => {
  for (const [name, value] of Object.entries(variables)) {
    if (value === null || value === undefined) continue;
    const message = variableMistake(name, value);
    if (message !== null) context.addIssue({ code: 'custom', path: [name], message });
  }
});

function variableMistake(name: string, value: string): string | null {
  if (name === 'PORT') return 'is set by Towpath for each replica; leave it out';
  if (value.includes('\0')) return 'a text with a NUL character cannot be handed to a process; text without is allowed';
  return looksSecret(name, value)
    ? `looks like a secret, which is not kept in plain settings; set it with: towpath secret set ${name}`
    : null;
}

/** Where the service lies: given when it is made, so not in a file that lies there itself. */
const place = {
  folder: about(Folder, {
    description: 'The folder of the repository that the service lives in; "." is the whole.',
    default: settingDefaults.folder,
    examples: ['services/api'],
  }),
  branch: about(Branch, {
    description: 'The main branch: environments without a branch of their own follow it.',
    default: settingDefaults.branch,
    examples: ['main'],
  }),
};

/** The same in every environment: one build is promoted through all. */
const everywhere = {
  runtime: about(
    fields({
      node: runtime('node'),
      bun: runtime('bun'),
      python: runtime('python'),
      go: runtime('go'),
      rust: runtime('rust'),
      java: runtime('java'),
      ruby: runtime('ruby'),
      php: runtime('php'),
    }),
    { description: 'Versions of the toolchains that commands run with.', examples: [{ node: '22' }] },
  ),
  install: about(CommandOrOff, {
    description: 'Installs dependencies; false: there is nothing to install.',
    examples: ['pnpm install --frozen-lockfile'],
  }),
  quality: about(
    z.union(
      [Off, Command, mapOf(Word, CommandOrOff, 'a map of commands')],
      either('a command, false or a map of commands'),
    ),
    {
      description:
        'Lints, checks formatting and types: a map of commands by name, each its own result, or one command in place of all; false switches it off, false for a name that one.',
      examples: [{ lint: 'pnpm lint', types: 'pnpm tsc --noEmit' }, 'make check'],
    },
  ),
  build: about(CommandOrOff, { description: 'Builds; false: there is nothing to build.', examples: ['pnpm build'] }),
  start: about(Command, {
    description: 'Starts the service; it listens on $PORT. Excludes `static`.',
    examples: ['node dist/main.js'],
  }),
  static: about(Folder, {
    description: 'A folder with files to serve, instead of a start command. Excludes `start`.',
    examples: ['dist'],
  }),
  data: about(z.union([Off, OwnFolder], either('a folder or false')), {
    description: 'A folder that each environment keeps across its releases; false: none.',
    examples: ['data'],
  }),
  triggers: about(
    fields({
      branches: about(Patterns, {
        description: 'Pushes of these branches start a run.',
        examples: [['main', 'release/*']],
      }),
      paths: about(Patterns, {
        description: 'Only pushes that change one of these files, seen from the top of the repository.',
        examples: [['services/api/**']],
      }),
      tags: about(Patterns, { description: 'These tags start a run, too.', examples: [['v*']] }),
    }),
    {
      description:
        'Which pushes start a run; without it, those of every branch. In a pattern * is any text without /, ** any text, ? one character; a leading ! takes out what was matched before.',
      examples: [{ branches: ['main'], paths: ['services/api/**'] }],
    },
  ),
};

/** May differ from environment to environment. */
const differing = {
  test: about(CommandOrOff, {
    description:
      'The unit tests; false switches them off. In an environment: tests of its own, run before its deployment; false: a run that only goes there has none.',
    examples: ['pnpm test'],
  }),
  release: about(CommandOrOff, {
    description: 'Runs once before a release goes live, at least once, never on rollback: migrations.',
    examples: ['node migrate.js'],
  }),
  processes: about(
    mapOf(Word, z.union([Off, Process], either('a map with kind and command, or false,')), 'one of processes by name'),
    {
      description: 'What runs besides http, by name; false leaves one out.',
      examples: [{ mailer: { kind: 'worker', command: 'node dist/worker.js', replicas: 2 } }],
    },
  ),
  replicas: about(whole(0, 100), {
    description: 'How many replicas of http run at first; `towpath scale` changes it.',
    default: settingDefaults.replicas,
    examples: [3],
  }),
  health: about(
    fields({
      path: about(UrlPath, {
        description: 'What is asked to tell whether a replica is healthy.',
        default: settingDefaults.health.path,
        examples: ['/healthz'],
      }),
      startTimeout: about(duration('1s', '1h'), {
        description: 'A new replica that is not healthy after this time has failed.',
        default: settingDefaults.health.startTimeout,
        examples: ['90s'],
      }),
    }),
    { description: 'How replicas are judged.', examples: [{ path: '/healthz' }] },
  ),
  timeouts: about(
    fields({
      stage: about(duration('1s', '24h'), {
        description: 'A stage that runs longer than this is ended.',
        default: settingDefaults.timeouts.stage,
        examples: ['1h'],
      }),
      drain: about(duration('0s', '10m'), {
        description: 'For the open requests of a replica that leaves, and between its SIGTERM and SIGKILL.',
        default: settingDefaults.timeouts.drain,
        examples: ['2m'],
      }),
    }),
    { description: 'Limits of time.', examples: [{ stage: '1h' }] },
  ),
  resources: about(
    fields({
      memory: about(Size, { description: 'The most memory of a replica.', examples: ['512Mi'] }),
      cpu: about(amount(0.01, 256), { description: 'The most processors of a replica.', examples: [0.5] }),
    }),
    { description: 'Limits of a replica.', examples: [{ memory: '512Mi', cpu: 0.5 }] },
  ),
  env: about(Variables, {
    description:
      'Plain environment variables; null removes one. What `towpath config set` gave wins. Secrets are refused: `towpath secret set`.',
    examples: [{ LOG_LEVEL: 'info' }],
  }),
};

/** How an environment is entered. */
const entering = {
  deploy: about(Admission, {
    description:
      '`auto` deploys, `approve` asks a person first, `manual` waits for a command. Without it, as the environment has it; a pushed towpath.yaml can only be stricter.',
    examples: ['approve'],
  }),
  approvalTimeout: about(duration('1m', '90d'), {
    description: 'How long an approval is waited for.',
    examples: ['7d'],
  }),
  beforeDeploy: about(CommandOrOff, {
    description: 'Runs before each deployment to the environment; when it fails, nothing is deployed.',
    examples: ['./scripts/warm.sh'],
  }),
};

export const EnvironmentLayer = fields({ ...differing, ...entering });
export type EnvironmentLayer = z.infer<typeof EnvironmentLayer>;

const environments = about(mapOf(Word, EnvironmentLayer, 'one of environments by name'), {
  description: 'What differs in an environment, by its name. Stronger than what the same layer says for all.',
  examples: [{ production: { deploy: 'approve', replicas: 3 } }],
});

const startOrStatic = {
  error: 'cannot be given together with start; one of the two is allowed',
  path: ['static'],
  // Told even where another field is wrong.
  when: () => true,
};
const isOne = (layer: { start?: unknown; static?: unknown }): boolean =>
  layer?.start === undefined || layer.static === undefined;

/** One layer of settings: everything is optional. */
export const SettingsLayer = fields({ ...place, ...everywhere, ...differing, environments })
  .refine(isOne, startOrStatic)
  .meta({ title: 'settings' });
export type SettingsLayer = z.infer<typeof SettingsLayer>;

/** What a repository may say for itself, in towpath.yaml. */
export const RepositoryFile = fields({ ...everywhere, ...differing, environments }).refine(isOne, startOrStatic);

/** A layer as it holds in one environment (or in none): nothing in it depends on an environment any more. */
export const FlatLayer = fields({ ...place, ...everywhere, ...differing, ...entering });
export type FlatLayer = z.infer<typeof FlatLayer>;
