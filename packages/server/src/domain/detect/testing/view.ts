import type { FileView } from '../files.ts';
import { listedFiles } from '../sent.ts';

/** Files by their paths; an object is written as JSON. */
export type Tree = Readonly<Record<string, string | object>>;

/** A view of files that lie nowhere. */
export function viewOf(tree: Tree): FileView {
  const texts = textsOf(tree);
  return listedFiles(texts.keys(), (path) => texts.get(path) ?? null);
}

export const textsOf = (tree: Tree): Map<string, string> =>
  new Map(
    Object.entries(tree).map(([path, content]) => [
      path,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  );
