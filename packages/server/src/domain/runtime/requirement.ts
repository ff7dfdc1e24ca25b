import semver from 'semver';
import { comparable, longest, partsOf } from './versions.ts';

/** Which versions will do. Plain data. */
export interface Requirement {
  /** One of them is enough. */
  readonly any: readonly Span[];
  /** Of Rust, instead of a version: `nightly-2026-01-01`. */
  readonly channel: string | null;
  /** What to ask an installer for: `22`, `3.12`; null: anything. */
  readonly least: string | null;
}

/** Ranges as npm writes them: this one without those. */
interface Span {
  readonly range: string;
  readonly but: readonly string[];
}

/** A version or range as the ecosystem of a toolchain writes it; null for what is none. Never throws. */
export function readRequirement(name: string, text: string): Requirement | null {
  const told = text.trim();
  if (told === '' || told.length > longest) return null;
  return Object.hasOwn(readers, name) ? (readers[name]?.(told) ?? null) : plain(name, told);
}

/** Will this version do? */
export function fits(
  name: string,
  { any, channel }: Requirement,
  found: { version: string; channel?: string },
): boolean {
  if (channel !== null) return found.channel === channel || found.channel?.startsWith(`${channel}-`) === true;
  const version = comparable(name, found.version);
  if (version === null) return false;
  const inside = (range: string) => semver.satisfies(version, range);
  return any.some(({ range, but }) => inside(range) && !but.some(inside));
}

const readers: Readonly<Record<string, (text: string) => Requirement | null>> = {
  node: (text) => {
    const range = nodeRange(text);
    // Of long-term support the newest is meant, which no number names.
    return range === supported ? { any: [{ range, but: [] }], channel: null, least: null } : npm(range);
  },
  bun: npm,
  pnpm: npm,
  yarn: npm,
  // 3.13t is a Python without the global lock, which is another one.
  python: (text) => (text === 'system' ? anything : /\dt\b/.test(text) ? null : plain('python', text)),
  rust: (text) => {
    if (text === 'stable') return anything;
    return /^(nightly|beta)(-[\w-]{1,60})?$/.test(text) ? { ...anything, channel: text } : plain('rust', text);
  },
};

const anything: Requirement = { any: [{ range: '*', but: [] }], channel: null, least: null };

/** Long-term support: https://github.com/nodejs/release#release-schedule */
const codenames = [
  'argon',
  'boron',
  'carbon',
  'dubnium',
  'erbium',
  'fermium',
  'gallium',
  'hydrogen',
  'iron',
  'jod',
  'krypton',
];
const supported = Array.from({ length: 40 }, (_, index) => `${4 + 2 * index}`).join(' || ');

/** What version managers of Node take besides versions. */
function nodeRange(text: string): string {
  const word = text.toLowerCase();
  if (['node', 'current', 'latest', 'stable'].includes(word)) return '*';
  const [, lts] = /^lts(?:\/(.*))?$/.exec(word) ?? [];
  const named = codenames.indexOf(lts ?? '');
  if (named >= 0) return `${4 + 2 * named}`;
  return /^lts(\/(\*|-\d+))?$/.test(word) ? supported : text;
}

function npm(text: string): Requirement | null {
  const range = semver.validRange(text);
  if (range === null) return null;
  return { any: [{ range, but: [] }], channel: null, least: leastOf('node', text, range) };
}

/** `>=3.10,<4`, `~=3.11`, `3.12`, `==3.12.*`, `^8.1 || ^8.3`: of Python, Ruby, PHP, Go, Rust and Java. */
function plain(name: string, text: string): Requirement | null {
  const any: Span[] = [];
  for (const alternative of text.split(/\|\|?/)) {
    const span = conditions(name, alternative);
    if (span === null) return null;
    any.push(span);
  }
  const whole = any.map(({ range }) => range).join(' || ');
  return { any, channel: null, least: leastOf(name, text, whole) };
}

const condition = /[\s,]*(===|==|!=|~=|~>|>=|<=|>|<|=|\^|~)?\s*(\*|[a-zA-Z]{0,12}-?\d[\w.*+-]{0,60})[\s,]*/y;

function conditions(name: string, text: string): Span | null {
  const all: string[] = [];
  const but: string[] = [];
  condition.lastIndex = 0;
  while (condition.lastIndex < text.length) {
    const [, operator = '', version = ''] = condition.exec(text) ?? [];
    if (version === '') return null;
    const range = version === '*' ? '*' : rangeOf(name, operator, version);
    if (range === null) return null;
    if (operator === '!=') but.push(range);
    else all.push(range);
  }
  const range = all.length + but.length === 0 ? null : semver.validRange(all.join(' ') || '*');
  return range === null ? null : { range, but };
}

/** One condition as npm writes it. */
function rangeOf(name: string, operator: string, text: string): string | null {
  const parts = partsOf(name, text.replace(/(\.[*x])+$/, ''));
  if (parts === null) return null;
  const [major = 0, minor = 0, patch = 0] = parts.numbers;
  const prefix = parts.mark === null ? parts.numbers.join('.') : `${major}.${minor}.${patch}${parts.mark}`;
  const whole = `${major}.${minor}.${patch}${parts.mark ?? ''}`;
  if (/^(>=|<=|>|<)$/.test(operator)) return `${operator}${whole}`;
  if (operator === '^') return `^${prefix}`;
  // Composer's tilde is Ruby's, and PEP 440's: the last number may grow. npm's and Poetry's keeps the minor.
  if (operator === '~' && name !== 'php') return `~${prefix}`;
  if (/^(~=|~>|~)$/.test(operator)) {
    return parts.numbers.length < 3 ? `>=${whole} <${major + 1}.0.0` : `>=${whole} <${major}.${minor + 1}.0`;
  }
  return prefix;
}

/** The lowest version that will do, without zeros that nobody wrote. */
function leastOf(name: string, text: string, range: string): string | null {
  const bare = partsOf(name, text);
  if (bare !== null && bare.mark === null && /^[\w.-]+$/.test(text)) return bare.numbers.join('.');
  const least = semver.minVersion(range);
  if (least === null || least.version === '0.0.0') return null;
  const enough = name === 'node' || name === 'java' ? 1 : 2;
  const numbers = [least.major, least.minor, least.patch];
  while (numbers.length > enough && numbers.at(-1) === 0) numbers.pop();
  return numbers.join('.');
}
