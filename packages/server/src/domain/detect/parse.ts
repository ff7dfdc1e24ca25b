/** Reads manifests that strangers wrote: what their own tool could not read either is refused by the file's name. */
import { TowpathError } from '@towpath/contract';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { type FileView, glance } from './files.ts';

type Reader = <T extends z.ZodType>(files: FileView, path: string, schema: T) => z.infer<T> | null;

/** Null when there is no such file. Throws `unreadable_manifest`, and `too_large` as the view does. */
export const readJson: Reader = reader((text) => JSON.parse(text));

/** Like readJson. */
export const readToml: Reader = reader((text) => parseToml(bounded(text, maxToml)));

/** Characters. Beyond, the parsers take long over what nobody wrote by hand. */
const maxToml = 262_144;
const maxYaml = 65_536;

/** Like readJson. Aliases are followed a hundred times at most, and a doubled key counts as its last: looking for them is quadratic. */
export const readYaml: Reader = reader((text) =>
  parseYaml(simple(bounded(text, maxYaml)), {
    maxAliasCount: 100,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  }),
);

/** A file that is only evidence: what cannot be understood says nothing. */
export function evidence<T extends z.ZodType>(
  read: Reader,
  files: FileView,
  path: string,
  schema: T,
): z.infer<T> | null {
  try {
    return glance(files, path) === null ? null : read(files, path, schema);
  } catch (error) {
    if (error instanceof TowpathError && error.code === 'unreadable_manifest') return null;
    throw error;
  }
}

function reader(parse: (text: string) => unknown): Reader {
  return (files, path, schema) => {
    const text = files.read(path);
    if (text === null) return null;
    const parsed = schema.safeParse(attempt(path, () => parse(text.replace(/^\ufeff/, ''))));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw unreadable(path, `${issue?.path.map(String).join('.') || 'it'}: ${issue?.message}`);
  };
}

function attempt(path: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

function bounded(text: string, most: number): string {
  if (text.length > most) throw new Error(`it is longer than ${most} characters`);
  return text;
}

const maxDepth = 30;
const maxQuotes = 2_000;

/** The YAML parser's time grows with the square of open brackets, stray quotes and lists in lists: more than people write are refused before it. */
function simple(text: string): string {
  let depth = 0;
  let quotes = 0;
  for (const sign of text) {
    if (sign === '[' || sign === '{') depth++;
    if (sign === ']' || sign === '}') depth = Math.max(0, depth - 1);
    if (sign === '"' || sign === "'") quotes++;
    if (depth > maxDepth) throw new Error(`its brackets are nested more than ${maxDepth} deep`);
    if (quotes > maxQuotes) throw new Error(`it has more than ${maxQuotes} quotes`);
  }
  if (/^[ \t]*(?:[-?:][ \t]+){8}/m.test(text)) throw new Error('it nests more than 7 lists in one line');
  return text;
}

/** Long enough for a line and its place; some parsers quote the whole file. */
const maxReason = 400;

function unreadable(path: string, why: string): TowpathError {
  return new TowpathError('unreadable_manifest', `${path} cannot be read: ${why.trim().slice(0, maxReason)}`);
}
