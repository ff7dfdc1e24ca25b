import type { SettingView } from '@towpath/contract';
import type { Tool } from '../detect/found.ts';
import { type Requirement, readRequirement } from './requirement.ts';
import { isRuntime, isVersioned, names, toolKind } from './tools.ts';
import { longest } from './versions.ts';

/** A toolchain or tool that a service wishes for. */
export interface Wish {
  readonly name: string;
  /** The version or range as it is written; null: any will do. */
  readonly wanted: string | null;
  readonly origin: string;
  /** Null where `wanted` is no version that can be read, or nothing is wanted. */
  readonly requirement: Requirement | null;
  /** Nothing runs without it; else what is there is taken, and said. */
  readonly must: boolean;
  /** Why what is there is taken all the same, in plain words. */
  readonly because: string | null;
  /** It stands in a file that the ecosystem's own manager reads and acts upon: one that fetches versions will do. */
  readonly managed: boolean;
  /** A command names it: without any version of it nothing would run. */
  readonly needed: boolean;
}

interface Rule {
  readonly tool?: string;
  readonly origin: RegExp;
  /** Null: nothing runs without it. */
  readonly because: string | null;
  /** A bare version is the oldest that will do. */
  readonly oldest?: true;
  /** corepack and pnpm, or rustup, read it and fetch what it names. */
  readonly managed?: true;
}

/**
 * What holds when no toolchain of the machine fits a wish. A pin was written to choose one version: another would not be what was asked
 * for, so nothing runs. A range says what is believed to work, and the ecosystem's own tool has the last word: npm only warns, pip, uv,
 * Poetry, Cargo, Bundler and Composer refuse in words of their own, Go fetches what is missing. The first that fits the origin counts.
 */
const rules: readonly Rule[] = [
  { origin: /^(\.nvmrc|\.node-version)\b/, because: null },
  { origin: /^package\.json, "volta\./, because: null },
  { origin: /^package\.json, "packageManager"/, because: null, managed: true },
  { origin: /^(\.python-version|runtime\.txt|Pipfile)\b/, because: null },
  { origin: /^rust-toolchain\b/, because: null, managed: true },
  { origin: /^(\.java-version|system\.properties|\.sdkmanrc)\b/, because: null },
  { origin: /^\.ruby-version\b/, because: null },
  { tool: 'node', origin: /whose types Node strips$/, because: 'only its start can tell' },
  { tool: 'node', origin: /^package\.json/, because: 'npm itself only warns' },
  { tool: 'pnpm', origin: /./, because: 'pnpm decides by itself' },
  { tool: 'yarn', origin: /./, because: 'Yarn decides by itself' },
  { tool: 'bun', origin: /./, because: 'Bun itself does not look' },
  { tool: 'python', origin: /^pyproject\.toml/, because: 'pip, uv and Poetry decide by themselves' },
  { tool: 'go', origin: /./, because: 'Go fetches what go.mod names by itself' },
  { tool: 'rust', origin: /./, because: 'Cargo decides by itself' },
  { tool: 'java', origin: /^(pom\.xml|build\.gradle)/, because: 'Maven and Gradle decide by themselves', oldest: true },
  { tool: 'ruby', origin: /./, because: 'Bundler decides by itself' },
  { tool: 'php', origin: /./, because: 'Composer decides by itself' },
];

/** Of an origin that no rule knows: it binds nobody. */
export const nobodysRule = 'nothing binds to it';

/** How uv is named where it makes the environment: it finds or fetches the Python that a project wishes for. */
const fetching = { tool: 'python', by: 'uv', because: 'uv fetches the Python it needs by itself' } as const;

/** The `runtime` of the settings that hold, and where each comes from. */
export interface GivenRuntime {
  readonly runtime: Readonly<Record<string, string>>;
  readonly origins: readonly SettingView[];
}

/** What is wished for: what the settings give is stronger than what was found in the commit. Languages come first, tools that they start last. */
export function wishesOf(
  { runtime, origins }: GivenRuntime,
  tools: readonly Tool[],
  commands: readonly string[],
): Wish[] {
  const given = Object.entries(runtime).map(([name, wanted]): Wish => {
    const origin = origins.find(({ path }) => path === `runtime.${name}`)?.origin ?? 'settings';
    const requirement = readRequirement(name, wanted);
    return { name, wanted, origin, requirement, must: true, because: null, managed: false, needed: true };
  });
  const found = tools.filter((tool) => toolKind(tool.name) !== null && !Object.hasOwn(runtime, tool.name));
  const all = [...given, ...found.map((tool) => foundWish(tool, tools, commands))];
  return [...all.filter((wish) => isRuntime(wish.name)), ...all.filter((wish) => !isRuntime(wish.name))];
}

/** A tool as a run keeps it: a commit is hostile, and neither a database nor a terminal takes every sign. */
export function keptTool({ name, wanted, origin }: Tool): Tool {
  const kept = (text: string, most: number) =>
    text
      .slice(0, most)
      .toWellFormed()
      .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  // One that was too long to be read stays so.
  return { name, wanted: wanted === null ? null : kept(wanted, longest + 1), origin: kept(origin, 200) };
}

function foundWish(tool: Tool, tools: readonly Tool[], commands: readonly string[]): Wish {
  const { name, origin } = tool;
  const wanted = isVersioned(name) ? tool.wanted : null;
  const rule = rules.find((each) => (each.tool === undefined || each.tool === name) && each.origin.test(origin));
  const text = wanted !== null && rule?.oldest === true && /^[\d.]+$/.test(wanted) ? `>=${wanted}` : wanted;
  const requirement = text === null ? null : readRequirement(name, text);
  const fetched = name === fetching.tool && tools.some((each) => each.name === fetching.by);
  const because = fetched ? fetching.because : rule === undefined ? nobodysRule : rule.because;
  // What cannot be read is no reason to refuse.
  const must = because === null && requirement !== null;
  const managed = rule?.managed === true;
  return { name, wanted, origin, requirement, must, because, managed, needed: !fetched && names(commands, name) };
}

/** What is wrong with the versions that the settings give, in plain words. */
export function unreadableVersions(runtime: Readonly<Record<string, string>>): string[] {
  return Object.entries(runtime).flatMap(([name, wanted]) =>
    readRequirement(name, wanted) === null
      ? [`runtime.${name}: "${wanted}" is no version or range; one like "${toolExample(name)}" is allowed`]
      : [],
  );
}

const toolExample = (name: string): string => (name === 'python' ? '3.12' : '22');
