/**
 * The names with `name` placed behind `after`; null: first; undefined: where it stands, a new one last. Null when there is no `after`
 * among the others.
 */
export function placed(
  names: readonly string[],
  name: string,
  after: string | null | undefined,
): readonly string[] | null {
  if (after === undefined) return names.includes(name) ? names : [...names, name];
  const others = names.filter((each) => each !== name);
  if (after === null) return [name, ...others];
  const at = others.indexOf(after);
  return at < 0 ? null : [...others.slice(0, at + 1), name, ...others.slice(at + 1)];
}
