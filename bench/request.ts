import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface Request {
  /** Where the rows go as JSON; null: nowhere. */
  readonly json: string | null;
  readonly names: readonly string[];
}

/** Reads `--json FILE` and `--only NAME[,NAME…]`. Throws with what there is for a bench that does not exist. */
export function readRequest(argv: readonly string[], known: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...argv],
    options: { json: { type: 'string' }, only: { type: 'string', multiple: true } },
  });
  const names = values.only?.flatMap((words) => words.split(',').map((word) => word.trim())) ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no bench '${unknown}'; there are ${known.join(', ')}`);
  return { json: values.json ?? null, names: known.filter((name) => names.includes(name)) };
}
