/** A service in an environment, as far as taking it away is concerned. */
export interface Removable {
  /** `api/staging` */
  readonly name: string;
  readonly url: string;
  /** The version that is live; null when none is. */
  readonly live: number | null;
  /** Replicas that run, or would. */
  readonly replicas: number;
  /** Deployments that have not ended, but for teardowns. */
  readonly underWay: readonly number[];
  readonly config: number;
  readonly secrets: number;
  /** Of the record. */
  readonly releases: number;
  /** Runs that have not ended and would deploy there again. */
  readonly runs: readonly number[];
}

/** In plain words, a thing a line. */
export interface RemovalWords {
  readonly removes: string[];
  readonly keeps: string[];
  readonly notes: string[];
}

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;
const numbers = (ids: readonly number[]): string => ids.map((id) => `#${id}`).join(', ');
const kept = 'data folders';

/** Is there anything that runs or is about to? */
export const isLive = ({ live, underWay }: Pick<Removable, 'live' | 'underWay'>): boolean =>
  live !== null || underWay.length > 0;

function running({ name, url, live, replicas, underWay }: Removable): string[] {
  return [
    ...(live === null ? [] : [`v${live} of ${name} with ${count(replicas, 'replica')}`, `its address ${url}`]),
    ...underWay.map((id) => `deployment ${id} of ${name}, which is called back`),
  ];
}

/** `1 variable and 2 secrets of api/qa`; none: no line. */
function entries({ name, config, secrets }: Removable): string[] {
  const parts = [
    ...(config === 0 ? [] : [count(config, 'variable')]),
    ...(secrets === 0 ? [] : [count(secrets, 'secret')]),
  ];
  return parts.length === 0 ? [] : [`${parts.join(' and ')} of ${name}`];
}

/** What a teardown of one service takes away, and what it leaves. */
export function describeTeardown(target: Removable, options: { readonly config: boolean }): RemovalWords {
  const config = entries(target);
  return {
    removes: [...running(target), ...(options.config ? config : [])],
    keeps: [...(options.config ? [] : config), `the record of ${count(target.releases, 'release')}`, kept],
    notes: target.runs.length === 0 ? [] : [`${numbers(target.runs)} would deploy there again: towpath cancel <run>`],
  };
}

/** What the removal of an environment takes away, and what it leaves: config and secrets could be seen nowhere any more, so they go. */
export function describeRemoval(environment: string, targets: readonly Removable[]): RemovalWords {
  const releases = targets.reduce((sum, each) => sum + each.releases, 0);
  const runs = targets.flatMap((each) => each.runs);
  return {
    removes: [`the environment ${environment}`, ...targets.flatMap(running), ...targets.flatMap(entries)],
    keeps: [`the record of ${count(releases, 'release')}`, kept],
    notes: runs.length === 0 ? [] : [`${numbers(runs)} will not deploy there any more`],
  };
}
