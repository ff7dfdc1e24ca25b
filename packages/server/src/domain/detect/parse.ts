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
export const readToml: Reader = reader((text) => parseToml(text));

/** Like readJson. Aliases are followed a hundred times at most, and a doubled key counts as its last: looking for them is quadratic. */
export const readYaml: Reader = reader((text) =>
  parseYaml(text, { maxAliasCount: 100, uniqueKeys: false, logLevel: 'silent', prettyErrors: false }),
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

/** Long enough for a line and its place; some parsers quote the whole file. */
const maxReason = 400;

function unreadable(path: string, why: string): TowpathError {
  return new TowpathError('unreadable_manifest', `${path} cannot be read: ${why.trim().slice(0, maxReason)}`);
}
