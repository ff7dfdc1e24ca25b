import { isCode } from '@towpath/contract';

/** The files of a folder, as detection sees them. Paths are relative, with `/`. */
export interface FileView {
  /** Is there a regular file of this name inside the folder? */
  exists(path: string): boolean;
  /** Its text; null when there is none. Throws `too_large` for a file that nobody wrote by hand. */
  read(path: string): string | null;
  /** Names of a folder's entries (`.` for the top), sorted, at most 1,000; folders end with `/`. Empty when there is no such folder. */
  list(folder: string): readonly string[];
}

/** The same files seen from a folder below; `.` is the view itself. */
export function below(files: FileView, folder: string): FileView {
  if (folder === '.') return files;
  return {
    exists: (path) => files.exists(join(folder, path)),
    read: (path) => files.read(join(folder, path)),
    list: (path) => files.list(join(folder, path)),
  };
}

/** `a` and `b` as one path; `.` stands for nothing. */
export function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '.' && part !== '').join('/') || '.';
}

/** `.` for a name without a folder. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** From a folder back up to one that it lies in, both seen from the top: `../..`; `.` when they are the same. */
export function wayUp(from: string, to: string): string {
  const depth = (folder: string) => (folder === '.' ? 0 : folder.split('/').length);
  return Array.from({ length: depth(from) - depth(to) }, () => '..').join('/') || '.';
}

/** The text of a file that is only evidence: one that is too large for a person to have written it says nothing. */
export function glance(files: FileView, path: string): string | null {
  try {
    return files.read(path);
  } catch (error) {
    if (isCode(error, 'too_large')) return null;
    throw error;
  }
}

/** The first of these files that is there. */
export function firstOf(files: FileView, names: readonly string[]): string | null {
  return names.find((name) => files.exists(name)) ?? null;
}

/** Files right in a folder whose name fits, with the folder's path. */
export function namesIn(files: FileView, folder: string, fits: RegExp): string[] {
  return files
    .list(folder)
    .filter((name) => !name.endsWith('/') && fits.test(name))
    .map((name) => join(folder, name));
}

export function foldersIn(files: FileView, folder: string): string[] {
  return files
    .list(folder)
    .filter((name) => name.endsWith('/'))
    .map((name) => join(folder, name.slice(0, -1)));
}

/** Folders that hold no service and no source of one: dependencies, results of builds, examples for tests. */
const aside =
  /^(\..*|node_modules|vendor|dist|build|out|target|bin|obj|coverage|venv|env|__pycache__|site-packages|fixtures|testdata|examples?|samples?|demos?|templates?|docs?|third_party)$/;

/** Is it one of the folders that nobody keeps a service in? */
export function isAside(folder: string): boolean {
  return aside.test(nameOf(folder));
}

/** Where a search ends in a repository that is too large for one: folders looked into. */
const maxFolders = 400;

/** The folder and those below it, down to `depth` levels, level by level; at most 400, those aside left out. */
export function foldersBelow(files: FileView, top: string, depth: number, skip = isAside): string[] {
  const found = [top];
  let level = [top];
  for (let i = 0; i < depth && found.length < maxFolders; i++) {
    level = level.flatMap((folder) => foldersIn(files, folder)).filter((folder) => !skip(folder));
    found.push(...level.slice(0, maxFolders - found.length));
  }
  return found;
}

/** Is there such a file in the folder or up to three levels below? */
export function hasFile(files: FileView, fits: RegExp, top = '.'): boolean {
  return foldersBelow(files, top, 3).some((folder) => namesIn(files, folder, fits).length > 0);
}

/** As many names as a folder shows; one with so many may have more. */
const maxNames = 1_000;

/** The same files, each folder looked into once: a detection asks for hundreds of names, most of which are not there. */
export function remembered(files: FileView): FileView {
  const lists = new Map<string, { names: readonly string[]; set: ReadonlySet<string> }>();
  const list = (folder: string) => {
    const known = lists.get(folder);
    if (known !== undefined) return known;
    const names = files.list(folder);
    const found = { names, set: new Set(names) };
    lists.set(folder, found);
    return found;
  };
  const exists = (path: string) => {
    // A folder that is not there is not asked either: the one above it is.
    const steps = path.split('/').filter((step) => step !== '.');
    if (steps.some((step) => step === '' || step === '..')) return files.exists(path);
    for (let at = '.', i = 0; i < steps.length; i++) {
      const step = steps[i] ?? '';
      const { names, set } = list(at);
      if (names.length >= maxNames) return files.exists(path);
      if (!set.has(i === steps.length - 1 ? step : `${step}/`)) return false;
      at = join(at, step);
    }
    return true;
  };
  return {
    exists,
    list: (folder) => list(folder).names,
    read: (path) => (exists(path) ? files.read(path) : null),
  };
}
