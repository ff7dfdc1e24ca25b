/** The kinds of values that settings are made of. Each says of what it does not take: what was found, and what is allowed. */
import { z } from 'zod';

interface Found {
  readonly code?: string;
  readonly input?: unknown;
}
interface Wording {
  readonly error: (issue: Found) => string;
}

/** `"three" is no whole number; 0 to 100 is allowed`, for a schema and each of its checks. */
const wording = (what: string, allowed: string): Wording => ({
  error: ({ code, input }) => says(input, bounds(code, input) ?? `is no ${what}`, allowed),
});

/** What was found, and what is allowed; nothing is no thing that could be wrong. */
const says = (input: unknown, wrong: string, allowed: string): string =>
  input === null || input === undefined ? `nothing is given; ${allowed}` : `${found(input)} ${wrong}; ${allowed}`;

function bounds(code: string | undefined, input: unknown): string | null {
  if (code !== 'too_big' && code !== 'too_small') return null;
  if (typeof input === 'number') return code === 'too_big' ? 'is too large' : 'is too small';
  return code === 'too_big' ? 'is too long' : 'is too short';
}

/** For a value that is of the right kind, but too small or too large. */
const outside = (allowed: string): Wording => ({ error: ({ input }) => says(input, 'is out of bounds', allowed) });

const longest = 40;

/** A value in a few words. Text is quoted, and cut after 40 characters. */
export function found(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  const [start, cut] = value.length > longest ? [value.slice(0, longest), '…'] : [value, ''];
  return `"${printable(start)}${cut}"`;
}

/** Text from outside, without what a terminal would act on or what would hide in it. */
export const printable = (text: string): string =>
  JSON.stringify(text.toWellFormed())
    .slice(1, -1)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);

/** A relative path that does not climb out of its folder. */
export function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.includes('\0') && !path.split('/').includes('..');
}

export const Off = z.literal(false);

const plainText = /^[^\0]*$/;
const command = wording('command', 'one line for the shell, 1 to 4,000 characters, is allowed');
/** For the shell, written by the service's own people. */
export const Command = z.string(command).trim().min(1, command).max(4_000, command).regex(plainText, command);

const folder = wording('folder below', 'a relative one is allowed, like services/api, without ..');
/** Not the repository's own either; a backslash parts folders elsewhere. */
const isFolder = (path: string): boolean =>
  staysInside(path) && !/[\\\p{Cc}]/u.test(path) && !path.toLowerCase().split('/').includes('.git');
export const Folder = z.string(folder).max(1_000, folder).refine(isFolder, folder);

const owned = wording('folder below', 'a folder of its own is allowed, like data or var/uploads');
/** A folder that something else than the service's files is kept in: never the whole. */
export const OwnFolder = z
  .string(owned)
  .max(1_000, owned)
  .refine((path) => isFolder(path) && path.split('/').some((part) => part !== '' && part !== '.'), owned);

const branch = wording('branch', 'the name of one is allowed, like main');
export const Branch = z.string(branch).min(1, branch).max(250, branch).regex(plainText, branch);

const version = wording('version', 'one in quotes is allowed, like "22", "3.12" or ">=22 <25"');
export const Version = z.string(version).regex(/^[\w.^~<>=!*|,/ -]{1,50}$/, version);

const path = wording('path', 'one that begins with / is allowed, like /healthz');
export const UrlPath = z
  .string(path)
  .max(1_000, path)
  .regex(/^\/[^\s\p{Cc}]*$/u, path);

/** A whole number within bounds. */
export function whole(least: number, most: number) {
  const words = wording('whole number', `${least} to ${most} is allowed`);
  return z.int(words).min(least, words).max(most, words);
}

/** A number within bounds. */
export function amount(least: number, most: number) {
  const words = wording('number', `${least} to ${most} is allowed`);
  return z.number(words).min(least, words).max(most, words);
}

/** One of some words. */
export function oneOf<const W extends readonly [string, ...string[]]>(...words: W) {
  return z.enum(words, {
    error: ({ input }) => says(input, 'is not known', `${alternatives(words)} is allowed`),
  });
}

/** `auto, approve or manual` */
const alternatives = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const isUnit = (text: string): text is keyof typeof units => Object.hasOwn(units, text);

/** `90s` in milliseconds; null for what is no duration. */
export function durationMs(text: string): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text) ?? [];
  return isUnit(unit) ? Number(digits) * units[unit] : null;
}

/** Milliseconds in the largest unit that they are whole in: 90000 is `90s`, 120000 is `2m`. */
export function durationText(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((each) => ms > 0 && ms % units[each] === 0) ?? 'ms';
  return `${ms / units[unit]}${unit}`;
}

/** A duration as text, within bounds that are given as text too. */
export function duration(least: string, most: string) {
  const allowed = `a number with ms, s, m, h or d is allowed, ${least} to ${most}`;
  const words = wording('duration', allowed);
  const [from, to] = [durationMs(least) ?? 0, durationMs(most) ?? 0];
  const inside = (text: string): boolean => {
    const ms = durationMs(text);
    return ms !== null && ms >= from && ms <= to;
  };
  return z
    .string(words)
    .regex(/^\d{1,12}(ms|s|m|h|d)$/, { ...words, abort: true })
    .refine(inside, outside(allowed))
    .meta({ title: `duration, ${least} to ${most}` });
}

/** `512Mi` or `2Gi` in MiB; null for what is no size. */
export function sizeMi(text: string): number | null {
  const [, digits = '', unit] = /^(\d{1,9})(Mi|Gi)$/.exec(text) ?? [];
  if (unit === undefined) return null;
  return Number(digits) * (unit === 'Gi' ? 1024 : 1);
}

const sizes = 'a number with Mi or Gi is allowed, 16Mi to 1024Gi, like 512Mi';
const size = wording('size', sizes);
export const Size = z
  .string(size)
  .regex(/^\d{1,9}(Mi|Gi)$/, { ...size, abort: true })
  .refine((text) => {
    const mi = sizeMi(text) ?? 0;
    return mi >= 16 && mi <= 1024 * 1024;
  }, outside(sizes))
  .meta({ title: 'size, 16Mi to 1024Gi' });

const pattern = wording('pattern', 'text with * and ** is allowed, like release/* or services/api/**');
const Pattern = z.string(pattern).min(1, pattern).max(250, pattern).regex(plainText, pattern);

/** Some patterns: at least one, since none would mean never. */
export const Patterns = z
  .array(Pattern, wording('list of patterns', 'one like [main, "release/*"] is allowed'))
  .min(1, { error: () => 'an empty list would never start a run; leave it out, or give patterns' })
  .max(100, { error: () => 'more than 100 patterns; up to 100 are allowed' });

/** A list, map or text where one of several kinds of values is asked for. */
export const either = (what: string): Wording => ({
  error: ({ input }) => says(input, 'is not taken', `${what} is allowed`),
});

/** A map whose keys its writer chooses. */
export function mapOf<K extends z.ZodString, V extends z.ZodType>(key: K, value: V, allowed: string) {
  return z.record(key, value, {
    error: (issue) =>
      issue.code === 'invalid_key' ? undefined : says(issue.input, 'is no map', `${allowed} is allowed`),
  });
}

/** What a value of a map may be called. */
const keyed = (what: string, allowed: string, form: RegExp) => z.string().regex(form, wording(what, allowed));

/** A map of these fields, and no others. */
export function fields<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : says(issue.input, 'is no map', `one with ${known} is allowed`),
  });
}

/** A name for a check or a process: a word of a command line, and a part of a path of settings. */
export const Word = keyed(
  'name',
  'up to 40 lower-case letters, digits and hyphens are allowed, starting with a letter',
  /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
);

export const VariableName = keyed(
  'name of a variable',
  'letters, digits and _ are allowed, not starting with a digit',
  /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,199}$/,
);

const secretName =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|APIKEY|_PWD|CREDENTIALS|(?:API|SECRET|PRIVATE|ACCESS)_KEY(?:_BASE)?)$/i;
const passwordInUrl = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^/\s:@]{0,200}:[^/\s@]{1,500}@/i;

/** Does a variable look like one whose value nobody but the service should see? An empty value is none. */
export const looksSecret = (name: string, value: string): boolean =>
  value !== '' && (secretName.test(name) || passwordInUrl.test(value));
