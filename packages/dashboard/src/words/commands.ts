/** What to type instead of pressing a button: the same verbs, the same words. */

/** A word as a shell takes it whole. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words that are empty, and options without a value, are left out. */
export function command(
  verb: string,
  words: readonly (string | number)[],
  options: Readonly<Record<string, string | boolean | undefined>> = {},
): string {
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === '' || value === false) return [];
    const option = name.length === 1 ? `-${name}` : `--${name}`;
    return value === true ? [option] : [option, quoted(value)];
  });
  return ['towpath', verb, ...words.map((word) => quoted(String(word))), ...given].join(' ');
}
