/** What to type instead of pressing a button: the same verbs, the same words. */
import { shellWord } from '@towpath/contract';

/** Words that are empty, and options without a value, are left out. */
export function command(
  verb: string,
  words: readonly (string | number)[],
  options: Readonly<Record<string, string | boolean | undefined>> = {},
): string {
  const given = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === '' || value === false) return [];
    const option = name.length === 1 ? `-${name}` : `--${name}`;
    return value === true ? [option] : [option, shellWord(value)];
  });
  return ['towpath', verb, ...words.map((word) => shellWord(String(word))), ...given].join(' ');
}
