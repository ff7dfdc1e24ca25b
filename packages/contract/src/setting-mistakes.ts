import type { z } from 'zod';
import { knownKeys, schemaAt } from './setting-fields.ts';

/** One thing that is wrong with settings: where, what was found there, and what is allowed. */
export interface Mistake {
  readonly path: readonly string[];
  readonly message: string;
  /** Is the key wrong, not what stands behind it? */
  readonly ofKey?: true;
}

/** All that a schema of settings found wrong, in words for people. */
export function mistakesOf(error: z.core.$ZodError, schema: z.core.$ZodType): Mistake[] {
  return told(error.issues, [], schema);
}

function told(issues: readonly z.core.$ZodIssue[], before: readonly string[], schema: z.core.$ZodType): Mistake[] {
  return issues.flatMap((issue): Mistake[] => {
    const path = [...before, ...issue.path.map(String)];
    if (issue.code === 'unrecognized_keys') {
      const at = schemaAt(schema, path);
      return issue.keys.map((key) => unknownKey([...path, key], at === null ? [] : knownKeys(at)));
    }
    if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? 'not valid', ofKey: true }];
    // Of several kinds of values the one that was meant knows best what is wrong.
    const meant = issue.code === 'invalid_union' ? issue.errors.find((each) => each.every(isInside)) : undefined;
    return meant === undefined ? [{ path, message: issue.message }] : told(meant, path, schema);
  });
}

const isInside = ({ path, code }: z.core.$ZodIssue): boolean =>
  path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value');

/** A key that is not known there, with the nearest one that is. */
export function unknownKey(path: readonly string[], known: readonly string[]): Mistake {
  const meant = nearest(path.at(-1) ?? '', known);
  const question = meant === null ? '' : `; did you mean ${meant}?`;
  return { path, message: `unknown${question || ';'} ${known.join(', ')} are allowed`, ofKey: true };
}

/** The word that differs in the fewest letters, when that is not another word altogether: a third of them, at least one. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > 40) return null;
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');
  const distances = known.map((each) => ({ each, distance: distance(plain(word), plain(each)) }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  if (best === undefined) return null;
  return best.distance <= Math.max(1, Math.floor(Math.max(word.length, best.each.length) / 3)) ? best.each : null;
}

/** How many letters are missing, too many, others, or changed places with their neighbour (optimal string alignment). */
function distance(from: string, to: string): number {
  let earlier: readonly number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column += 1) {
      const same = from[index] === to[column] ? 0 : 1;
      const swapped = index > 0 && column > 0 && from[index] === to[column - 1] && from[index - 1] === to[column];
      const kept = (row[column] ?? 0) + same;
      const turned = swapped ? (earlier[column - 1] ?? 0) + 1 : kept;
      next.push(Math.min(kept, turned, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    [earlier, row] = [row, next];
  }
  return row.at(-1) ?? 0;
}
