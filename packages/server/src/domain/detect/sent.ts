import { isCode, type SettingView } from '@towpath/contract';
import { detectedLayer, resolve } from '../path/layers.ts';
import { findServices } from './detect.ts';
import type { FileView } from './files.ts';
import { findLayer, type Told } from './layer.ts';
import type { Offer } from './services.ts';

/** What somebody tells of a repository that was not pushed yet. */
export interface SentFiles {
  /** Every file, from the top of the repository. */
  readonly names: readonly string[];
  /** The texts that were asked for; null for one that cannot be read. */
  readonly texts: Readonly<Record<string, string | null>>;
  /** The folder that is looked at, from the top; `.` for the whole. */
  readonly folder: string;
}

export interface FoundInFiles extends Told {
  readonly settings: readonly SettingView[];
  /** Those of the whole repository. */
  readonly services: readonly Offer[];
}

/**
 * What was found in files of which only names and some texts are known, or the texts that are needed to go on: sorted, in full paths. A
 * final call answers from what is there. Throws as `detect` does, once it needs no more.
 */
export function detectSent(
  { names, texts, folder }: SentFiles,
  final: boolean,
): { readonly need: readonly string[] } | FoundInFiles {
  const missing = new Set<string>();
  const view = listedFiles(names, (path) => {
    if (!Object.hasOwn(texts, path)) missing.add(path);
    return texts[path] ?? null;
  });
  const looked = attempt(() => look(view, folder));
  if (missing.size > 0 && !final) return { need: [...missing].toSorted() };
  if ('error' in looked) throw looked.error;
  return looked.found;
}

function look(view: FileView, folder: string): FoundInFiles {
  const { layer, ...told } = findLayer(view, folder);
  const { origins } = resolve([detectedLayer(layer.values, new Map(Object.entries(layer.evidence)))]);
  return { ...told, settings: origins, services: findServices(view) };
}

/** A manifest that was not sent yet may be what is missing in one that was. */
function attempt(find: () => FoundInFiles): { readonly found: FoundInFiles } | { readonly error: unknown } {
  try {
    return { found: find() };
  } catch (error) {
    if (isCode(error, 'unreadable_manifest') || isCode(error, 'too_large')) return { error };
    throw error;
  }
}

/** As many names as a folder shows. */
const maxNames = 1_000;

/** Deeper than detection looks; a path of thousands of folders would cost its square. */
const maxDepth = 20;

/** A view of files by their names, whose texts come from elsewhere. */
export function listedFiles(names: Iterable<string>, read: (path: string) => string | null): FileView {
  const files = new Set([...names].filter((path) => path.split('/', maxDepth + 2).length <= maxDepth + 1));
  const folders = new Map<string, Set<string>>();
  for (const path of files) {
    for (let at = path, entry = ''; at !== '.'; ) {
      const cut = at.lastIndexOf('/');
      const above = cut < 0 ? '.' : at.slice(0, cut);
      entry = `${at.slice(cut + 1)}${entry === '' ? '' : '/'}`;
      const known = folders.get(above);
      if (known?.has(entry)) break;
      folders.set(above, (known ?? new Set()).add(entry));
      at = above;
    }
  }
  const plain = (path: string) => path.replace(/^\.\//, '');
  return {
    exists: (path) => files.has(plain(path)),
    read: (path) => (files.has(plain(path)) ? read(plain(path)) : null),
    list: (folder) => [...(folders.get(folder) ?? [])].sort().slice(0, maxNames),
  };
}
