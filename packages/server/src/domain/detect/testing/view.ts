import type { FileView } from '../files.ts';

/** Files by their paths; an object is written as JSON. */
export type Tree = Readonly<Record<string, string | object>>;

/** A view of files that lie nowhere. */
export function viewOf(tree: Tree): FileView {
  const texts = new Map(
    Object.entries(tree).map(([path, content]) => [
      path,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  );
  return {
    exists: (path) => texts.has(path.replace(/^\.\//, '')),
    read: (path) => texts.get(path.replace(/^\.\//, '')) ?? null,
    list(folder) {
      const top = folder === '.' ? '' : `${folder}/`;
      const names = [...texts.keys()]
        .filter((path) => path.startsWith(top))
        .map((path) => path.slice(top.length).replace(/\/.*/s, '/'));
      return [...new Set(names)].sort().slice(0, 1_000);
    },
  };
}
