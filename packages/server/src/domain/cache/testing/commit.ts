import { listedFiles } from '../../detect/sent.ts';
import type { CommitView } from '../kind.ts';

/** A commit of these files; objects are written as JSON. A program is one that may be run, unless it is named as unready. */
export function commitOf(
  files: Readonly<Record<string, string | object>>,
  unready: readonly string[] = [],
): CommitView {
  const read = (path: string) => {
    const found = Object.hasOwn(files, path) ? files[path] : undefined;
    if (found === undefined) return null;
    return typeof found === 'string' ? found : JSON.stringify(found);
  };
  const view = listedFiles(Object.keys(files), read);
  return {
    ...view,
    readLock: view.read,
    program: (path) => {
      if (!view.exists(path)) return 'none';
      return unready.includes(path) ? 'unready' : 'ready';
    },
  };
}
