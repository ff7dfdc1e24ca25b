import { createHash } from 'node:crypto';
import type { Recipe } from '../../domain/cache/kind.ts';
import type { CacheScope } from '../../domain/cache/scope.ts';

export interface KeyParts {
  /** What `toolchain` says of the machine. */
  readonly toolchain: string;
  readonly command: string;
  readonly recipe: Pick<Recipe, 'folders' | 'inputs'>;
}

/** 40 hex digits: two keys are the same when everything that the result depends on is. */
export function cacheKey({ toolchain, command, recipe }: KeyParts): string {
  return digest(['2', toolchain, command, JSON.stringify(recipe.folders), ...recipe.inputs]).slice(0, 40);
}

/** `1-trusted`: what is a scope's has this in its name. Branches are hostile, so only their digest is in it. */
export function scopeName(scope: CacheScope): string {
  return `${scope.service}-${scope.branch === null ? 'trusted' : digest([scope.branch]).slice(0, 16)}`;
}

/** What a scope's name tells; null for a foreign one. */
export function readScopeName(name: string): { trusted: boolean } | null {
  const found = /^\d+-(trusted|[0-9a-f]{16})$/.exec(name);
  return found === null ? null : { trusted: found[1] === 'trusted' };
}

/** The name of an entry's folder. */
export function entryName(scope: CacheScope, key: string): string {
  return `${scopeName(scope)}-${key}`;
}

/** What a folder's name tells; null for a foreign one. */
export function readEntryName(name: string): { trusted: boolean } | null {
  const found = /^(.+)-[0-9a-f]{40}$/.exec(name)?.[1];
  return found === undefined ? null : readScopeName(found);
}

/** Lengths go in, too: moving the border between two parts gives another digest. */
function digest(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
