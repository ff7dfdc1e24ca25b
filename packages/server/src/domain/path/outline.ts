import type { SettingView, StageKind } from '@towpath/contract';
import type { Resolution } from './layers.ts';
import { type PlannedStage, stageName } from './plan.ts';

/** A stage as it is shown before there is a run: what it will do, or why it will do nothing. */
export interface OutlinedStage {
  readonly kind: StageKind;
  readonly environment: string | null;
  readonly name: string;
  /** What decides what it does, with where each comes from. */
  readonly settings: SettingView[];
  /** Why it does nothing, in plain words; null: it does something. */
  readonly skip: string | null;
  /** approval: how long it is waited for. */
  readonly deadlineMs: number | null;
}

/** The settings that a stage works by, of those that hold in its environment. */
const worksBy: Readonly<Record<StageKind, RegExp>> = {
  prepare: /^install$/,
  quality: /^quality(\.|$)/,
  unit: /^test$/,
  build: /^build$/,
  approval: /^deploy$/,
  deploy: /^(beforeDeploy|release|start|static)$/,
};

/** How an owner gives the command of a check that detection did not find. */
const checks = {
  quality: { setting: 'quality', option: '--quality' },
  unit: { setting: 'test', option: '--test' },
} as const;
export type CheckKind = keyof typeof checks;

/** One command, or several by name. */
export type ToRun = string | Readonly<Record<string, string>>;

/** What a check runs, or why it runs nothing, in plain words. */
export function checkCommands(
  kind: CheckKind,
  { settings, origins }: Resolution,
  service: string,
): { readonly run: ToRun } | { readonly skip: string } {
  const { setting, option } = checks[kind];
  const given = settings[setting];
  if (given === undefined) return { skip: `no command found; set one: towpath service set ${service} ${option} "…"` };
  if (given !== false) return { run: given };
  return { skip: `switched off (${origins.find((each) => each.path === setting)?.origin ?? 'default'})` };
}

/** The planned stages with what each will do. @param resolved the settings in an environment, or what all environments share */
export function outline(
  stages: readonly PlannedStage[],
  service: string,
  resolved: (environment?: string) => Resolution,
): OutlinedStage[] {
  return stages.map((stage) => {
    const { kind, environment, deadlineMs } = stage;
    const resolution = resolved(environment ?? undefined);
    const settings = resolution.origins.filter(({ path }) => worksBy[kind].test(path));
    const own = stage.before?.some((each) => each.what === 'test')
      ? resolution.origins.filter(({ path }) => path === 'test')
      : [];
    const skip = stage.skip ?? (isCheck(kind) ? skipped(checkCommands(kind, resolution, service)) : null);
    const shown = [...own, ...settings].filter(({ value }) => value !== false);
    return { kind, environment, name: stageName(stage), settings: skip === null ? shown : [], skip, deadlineMs };
  });
}

const skipped = (check: ReturnType<typeof checkCommands>): string | null => ('skip' in check ? check.skip : null);
const isCheck = (kind: StageKind): kind is CheckKind => Object.hasOwn(checks, kind);

/** What holds in an environment alone, or with another value than elsewhere. */
export function differing(general: readonly SettingView[], own: readonly SettingView[]): SettingView[] {
  const known = new Map(general.map((each) => [each.path, each]));
  return own.filter(({ path, value, origin }) => {
    const other = known.get(path);
    return other === undefined || other.origin !== origin || JSON.stringify(other.value) !== JSON.stringify(value);
  });
}
