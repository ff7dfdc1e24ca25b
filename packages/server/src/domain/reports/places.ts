/** `file:line` of `file:line`, `file:line:column` or a file's URL with them; null for anything else. */
export function placeOf(text: string): string | null {
  const found = /^(?:file:\/\/)?(.*?\.\w+):(\d+)(?::\d+)?$/.exec(text);
  return found ? `${found[1]}:${found[2]}` : null;
}

/** The file of a place. */
export function fileOf(place: string): string {
  return place.replace(/:\d+$/, '');
}

/** The place of a JavaScript stack's line, `at f (file:line:column)` or `at file:line:column`; null when it is none, or Node's own. */
export function frame(line: string): string | null {
  const told = /^\s*at (.*)$/.exec(line)?.[1];
  if (told === undefined) return null;
  const place = placeOf(told.endsWith(')') ? told.slice(told.lastIndexOf('(') + 1, -1) : told.replace(/^async /, ''));
  return place === null || place.startsWith('node:') || place.includes('<') ? null : place;
}

/** Of a stack's places the one that people look for: in the test's own file, else the first outside of dependencies, else none. */
export function best(places: readonly string[], file: string | null = null): string | null {
  const own = file === null ? undefined : places.find((place) => isFile(fileOf(place), file));
  return own ?? places.find((place) => !/(?:^|\/)(?:node_modules|site-packages)\//.test(place)) ?? null;
}

/** May the two paths mean one file, one of them told from a folder that the other one names? */
function isFile(one: string, other: string): boolean {
  return one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}
