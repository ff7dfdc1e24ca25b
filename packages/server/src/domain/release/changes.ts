import type { ReleaseChanges } from '@towpath/contract';
import type { ReleaseConfig } from './config.ts';

/** What a release is made of, as it was when it was made. */
export interface Made {
  readonly version: number;
  readonly artifact: string;
  readonly commit: string;
  readonly config: ReleaseConfig;
  /** With their values, of which nothing comes out. */
  readonly secrets: Readonly<Record<string, string>>;
}

type Values = Readonly<Record<string, unknown>>;

/** What the second changed against the first: names, never values. */
export function releaseChanges(before: Made, now: Made): ReleaseChanges {
  return {
    since: before.version,
    commit: before.commit === now.commit ? null : before.commit,
    artifact: before.artifact !== now.artifact,
    config: nameChanges(before.config.variables, now.config.variables),
    secrets: nameChanges(before.secrets, now.secrets),
    settings: settingChanges(before.config, now.config),
  };
}

function nameChanges(before: Values, now: Values): ReleaseChanges['config'] {
  const there = (values: Values) => (name: string) => Object.hasOwn(values, name);
  const [old, young] = [Object.keys(before).sort(), Object.keys(now).sort()];
  return {
    added: young.filter((name) => !there(before)(name)),
    changed: young.filter((name) => there(before)(name) && !same(before[name], now[name])),
    removed: old.filter((name) => !there(now)(name)),
  };
}

/** The database gives the keys of what it stores in one order. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Where each name is a setting of its own. */
const maps: ReadonlySet<string> = new Set(['processes', 'env']);

function settingChanges(before: ReleaseConfig, now: ReleaseConfig): string[] {
  const { variables: _before, ...old } = before;
  const { variables: _now, ...young } = now;
  return allOf(nameChanges(old, young)).flatMap((name) => {
    if (!maps.has(name)) return name;
    return allOf(nameChanges(valuesOf(old, name), valuesOf(young, name))).map((each) => `${name}.${each}`);
  });
}

const allOf = ({ added, changed, removed }: ReleaseChanges['config']): string[] =>
  [...added, ...changed, ...removed].sort();

function valuesOf(config: Values, name: string): Values {
  const found = config[name];
  return typeof found === 'object' && found !== null ? { ...found } : {};
}
