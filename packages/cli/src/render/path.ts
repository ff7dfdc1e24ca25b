import type { PathView, SettingView } from '@towpath/contract';
import pc from 'picocolors';
import { faint, type Output, strong } from '../output.ts';
import { span } from './environment.ts';
import { shortCommit } from './run.ts';
import { hanging } from './text.ts';

/** The way that a commit would go: its stages, then every setting, each with its origin. */
export function renderPath(output: Output, path: PathView): void {
  output.line(`${strong(path.service)}  ${path.branch} ${shortCommit(path.commit)}  ${path.message}`);
  if (path.kind !== null) output.line(sourced('', 0, path.kind.value, path.kind.origin, output.width));
  output.line();
  for (const stage of path.stages) renderStage(output, stage);
  heading(output, 'settings', path.settings);
  if (path.toolchains.length > 0) renderToolchains(output, path.toolchains);
  for (const { environment, settings } of path.differs) heading(output, `in ${environment}`, settings);
  const remarks = [
    ...path.toolchains.flatMap(({ remark }) => remark ?? []),
    ...path.notices.map(({ text, origin, help }) => `${text} (${origin}). ${help}`),
    ...path.refused,
    ...(path.question === null ? [] : [path.question]),
  ];
  if (remarks.length > 0) output.line();
  for (const each of remarks) output.line(`${pc.yellow('!')} ${hanging('', 2, each, output.width)}`);
}

const stageColumns = 21;

type Stage = PathView['stages'][number];

function renderStage(output: Output, stage: Stage): void {
  const mark = stage.skip === null ? (stage.kind === 'approval' ? pc.yellow('◇') : pc.blue('●')) : faint('–');
  const first = `${mark} ${stage.name.padEnd(stageColumns)}`;
  const indent = stageColumns + 2;
  if (stage.skip !== null) {
    output.line(hanging(first, indent, stage.skip, output.width));
    return;
  }
  const rows = rowsOf(stage);
  for (const [index, [words, origin]] of rows.entries()) {
    output.line(sourced(index === 0 ? first : ' '.repeat(indent), indent, words, origin, output.width));
  }
}

/** What a stage does without a command of its own. */
const withoutCommand: Partial<Record<Stage['kind'], string>> = {
  prepare: 'the files of the commit; nothing to install',
  build: 'the files as they are; no build command',
  deploy: 'nothing to start',
};

function rowsOf({ kind, environment, settings, deadlineMs }: Stage): (readonly [words: string, origin: string])[] {
  if (kind === 'approval') {
    const within = deadlineMs === null ? '' : ` within ${span(deadlineMs)}`;
    return [[`a person answers${within}`, settings[0]?.origin ?? `environment ${environment}`]];
  }
  if (settings.length === 0) return [[withoutCommand[kind] ?? '', '']];
  return settings.map((each) => [wordsOf(kind, each), each.origin]);
}

/** A command as it is; in front of it what it is, where the stage's name doesn't say so. */
function wordsOf(kind: Stage['kind'], { path, value }: SettingView): string {
  const last = path.split('.').at(-1) ?? path;
  return kind === 'deploy' || path.startsWith('quality.') ? `${last}: ${shown(value)}` : shown(value);
}

function heading(output: Output, title: string, settings: readonly SettingView[]): void {
  output.line();
  output.line(strong(title));
  const names = Math.max(0, ...settings.map(({ path }) => path.length));
  for (const { path, value, origin } of settings) {
    output.line(sourced(`  ${path.padEnd(names)}  `, names + 4, shown(value), origin, output.width));
  }
}

/** What commands run with, and who wants that. */
function renderToolchains(output: Output, toolchains: PathView['toolchains']): void {
  output.line();
  output.line(strong('toolchains'));
  const names = Math.max(...toolchains.map(({ name }) => name.length));
  for (const { name, wanted, origin, uses } of toolchains) {
    const from = wanted === null ? origin : `${origin}: ${wanted}`;
    output.line(sourced(`  ${name.padEnd(names)}  `, names + 4, uses ?? 'missing', from, output.width));
  }
}

const shown = (value: SettingView['value']): string => {
  if (value === false) return 'off';
  return Array.isArray(value) ? value.join(', ') : String(value);
};

/** `prefix value  ← origin`; the origin goes to a line of its own where both don't fit. */
function sourced(prefix: string, indent: number, value: string, origin: string, width: number): string {
  if (origin === '') return hanging(prefix, indent, value, width);
  const from = `← ${origin}`;
  if (indent + value.length + 2 + from.length <= width) return `${prefix}${value}  ${faint(from)}`;
  const below = ' '.repeat(Math.min(indent, 6) + 2);
  return `${hanging(prefix, indent, value, width)}\n${faint(hanging(below, below.length, from, width))}`;
}
