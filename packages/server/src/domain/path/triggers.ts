import type { Triggers } from './settle.ts';

/** What was pushed. */
export interface Pushed {
  readonly branch?: string | undefined;
  /** Instead of a branch. */
  readonly tag?: string | undefined;
  /** From the top of the repository; null when it is not known what changed: a first push, a rewritten history. */
  readonly changedPaths: readonly string[] | null;
}

export interface Wanted {
  readonly run: boolean;
  /** In plain words, for the pusher. */
  readonly reason: string;
}

/** Does a push start a run? Without triggers every push of a branch does, and no tag. */
export function wantsRun(triggers: Triggers | undefined, { branch, tag, changedPaths }: Pushed): Wanted {
  if (tag !== undefined) return byName('tag', tag, triggers?.tags);
  const named = byName('branch', branch ?? '', triggers?.branches);
  const paths = triggers?.paths;
  if (!named.run || paths === undefined) return named;
  if (changedPaths === null) return { run: true, reason: 'what changed is not known' };
  const hit = changedPaths.find((path) => matches(paths, path));
  if (hit !== undefined) return { run: true, reason: `${hit} matches triggers.paths` };
  const files =
    changedPaths.length === 1 ? 'the one changed file is not' : `none of ${changedPaths.length} changed files is`;
  return { run: false, reason: `${files} in triggers.paths (${paths.join(', ')})` };
}

function byName(kind: 'branch' | 'tag', name: string, patterns: readonly string[] | undefined): Wanted {
  const setting = kind === 'branch' ? 'triggers.branches' : 'triggers.tags';
  if (patterns === undefined) {
    return kind === 'branch'
      ? { run: true, reason: 'every branch starts a run' }
      : { run: false, reason: `no tag starts a run; ${setting} names those that do` };
  }
  return matches(patterns, name)
    ? { run: true, reason: `${kind} ${name} matches ${setting}` }
    : { run: false, reason: `${kind} ${name} is not in ${setting} (${patterns.join(', ')})` };
}

/**
 * Is a name or path taken by the patterns? They are read in order: one with a leading ! takes out what those before it matched, a later
 * one can bring it back. Where the first has a !, everything is matched at first.
 */
export function matches(patterns: readonly string[], text: string): boolean {
  return patterns.reduce((taken, pattern) => {
    const out = pattern.startsWith('!');
    return matchesOne(out ? pattern.slice(1) : pattern, text) ? !out : taken;
  }, patterns[0]?.startsWith('!') ?? false);
}

type Token =
  | { readonly kind: 'text' | 'name' | 'folders' | 'one' }
  | { readonly kind: 'letter'; readonly letter: string };

const tokens: readonly (readonly [sign: string, kind: 'text' | 'name' | 'folders' | 'one'])[] = [
  ['**/', 'folders'],
  ['**', 'text'],
  ['*', 'name'],
  ['?', 'one'],
];

function tokensOf(pattern: string): Token[] {
  const found: Token[] = [];
  for (let rest = pattern; rest !== ''; ) {
    const sign = tokens.find(([each]) => rest.startsWith(each));
    const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    found.push(sign === undefined ? { kind: 'letter', letter } : { kind: sign[1] });
    rest = rest.slice(sign === undefined ? letter.length : sign[0].length);
  }
  return found;
}

/**
 * The whole of a text against one pattern: * is any text without /, ** any text, ? one character except /, and ** with a / behind it any
 * folders, or none. Everything else is itself: [ ] { } stand in names of files. No regular expression, since patterns come from
 * repositories: the cost is the product of the two lengths.
 */
function matchesOne(pattern: string, text: string): boolean {
  const letters = [...text];
  // Which places in the text the tokens so far can end at.
  const start = [true, ...letters.map(() => false)];
  return (
    tokensOf(pattern)
      .reduce((from, token) => step(token, from, letters), start)
      .at(-1) ?? false
  );
}

function step(token: Token, from: readonly boolean[], letters: readonly string[]): boolean[] {
  const to: boolean[] = [];
  let begun = false;
  for (const [at, here] of from.entries()) {
    const letter = letters[at - 1];
    const before = at > 0 && from[at - 1] === true;
    if (token.kind === 'letter') to.push(before && letter === token.letter);
    else if (token.kind === 'one') to.push(before && letter !== '/');
    else if (token.kind === 'text') to.push(here || to[at - 1] === true);
    else if (token.kind === 'name') to.push(here || (to[at - 1] === true && letter !== '/'));
    else to.push(here || (begun && letter === '/'));
    begun ||= here;
  }
  return to;
}
