import {
  type Admission,
  durationMs,
  type FlatLayer,
  processDefaults,
  settingDefaults,
  sizeMi,
} from '@towpath/contract';

/** A process besides http, with all that it needs. */
export interface ProcessSettings {
  readonly kind: 'worker' | 'job';
  readonly command: string;
  /** 1 for a job: it runs once when it is asked for. */
  readonly replicas: number;
  /** How a worker is replaced. */
  readonly swap: 'overlap' | 'exclusive';
}

/**
 * Settings as they are used, with defaults, times in ms. A command that is absent was neither given nor found; false: it is switched off.
 */
export interface ServiceSettings {
  /** Folder of the repository that the service lives in; "." for the whole. */
  readonly folder: string;
  /** The main branch: environments without a branch of their own follow it. */
  readonly branch: string;
  readonly runtime: Readonly<Record<string, string>>;
  readonly install?: string | false | undefined;
  /** One command, or several by name. */
  readonly quality?: string | false | Readonly<Record<string, string>> | undefined;
  readonly test?: string | false | undefined;
  readonly build?: string | false | undefined;
  readonly start?: string | undefined;
  /** A folder with files to serve, instead of a start command. */
  readonly static?: string | undefined;
  readonly release?: string | false | undefined;
  readonly processes: Readonly<Record<string, ProcessSettings>>;
  readonly replicas: number;
  readonly health: { readonly path: string; readonly startMs: number };
  readonly stageMs: number;
  readonly drainMs: number;
  readonly resources: { readonly memoryMi?: number | undefined; readonly cpu?: number | undefined };
  readonly env: Readonly<Record<string, string>>;
  /** A folder that is kept across releases. */
  readonly data?: string | false | undefined;
  readonly triggers?: Triggers | undefined;
  /** How the environment is entered, where the settings say so; else as the environment itself has it. */
  readonly deploy?: Admission | undefined;
  readonly approvalMs?: number | undefined;
  readonly beforeDeploy?: string | false | undefined;
}

export interface Triggers {
  readonly branches?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** A merged layer as it is used, and what does not go together in it. @param origin where a path's value comes from, for the words */
export function settle(
  layer: FlatLayer,
  origin: (path: string) => string,
): { settings: ServiceSettings; problems: string[] } {
  const { processes = {}, quality, health, timeouts, resources, env = {}, approvalTimeout, runtime, ...same } = layer;
  const complete = Object.entries(processes).map(([name, process]) => [name, settleProcess(process)] as const);
  const settings: ServiceSettings = {
    ...same,
    folder: layer.folder ?? settingDefaults.folder,
    branch: layer.branch ?? settingDefaults.branch,
    runtime: present({ ...runtime }),
    processes: present(Object.fromEntries(complete)),
    replicas: layer.replicas ?? settingDefaults.replicas,
    health: {
      path: health?.path ?? settingDefaults.health.path,
      startMs: ms(health?.startTimeout, settingDefaults.health.startTimeout),
    },
    stageMs: ms(timeouts?.stage, settingDefaults.timeouts.stage),
    drainMs: ms(timeouts?.drain, settingDefaults.timeouts.drain),
    resources: { memoryMi: sizeMi(resources?.memory ?? '') ?? undefined, cpu: resources?.cpu },
    quality: settleQuality(quality),
    env: present(env),
    approvalMs: durationMs(approvalTimeout ?? '') ?? undefined,
  };
  return { settings, problems: problemsOf(processes, origin) };
}

type Processes = NonNullable<FlatLayer['processes']>;

function settleProcess(process: Processes[string]): ProcessSettings | null {
  if (process === false || process.command === undefined) return null;
  const kind = process.kind ?? processDefaults.kind;
  const replicas = kind === 'worker' ? (process.replicas ?? processDefaults.replicas) : 1;
  return { kind, command: process.command, replicas, swap: process.swap ?? processDefaults.swap };
}

/** Layers may complete each other's processes, so that only the whole can tell what is missing. */
function problemsOf(processes: Processes, origin: (path: string) => string): string[] {
  return Object.entries(processes).flatMap(([name, process]) => {
    if (process === false) return [];
    const at = `processes.${name}`;
    const problems: string[] = [];
    if (name === 'http') {
      problems.push(`${at}: http is what \`start\` runs (${origin(`${at}.command`)}); choose another name`);
    }
    if (process.command === undefined) {
      problems.push(`${at}: has no command (${origin(`${at}.on`)}); give it one, or false to leave the process out`);
    }
    if (process.kind === 'job' && process.replicas !== undefined) {
      problems.push(`${at}.replicas: a job has none (${origin(`${at}.replicas`)}); it runs once when it is asked for`);
    }
    return problems;
  });
}

const ms = (text: string | undefined, normal: string): number => durationMs(text ?? normal) ?? 0;

/** Without what is absent or removed. */
function present<T>(values: Readonly<Record<string, T | null | undefined>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[name, value] as const],
    ),
  );
}

function settleQuality(quality: FlatLayer['quality']): ServiceSettings['quality'] {
  if (typeof quality !== 'object') return quality;
  return present(Object.fromEntries(Object.entries(quality).map(([name, command]) => [name, command || null])));
}
