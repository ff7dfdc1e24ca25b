import { TowpathError } from '@towpath/contract';
import { repositoryFileOf } from '../path/given.ts';
import { type KeptLayer, resolveKept, withLayer } from '../path/kept.ts';
import { fileNameHint, readRepositoryFile } from '../path/repository-file.ts';
import { unsupported } from '../path/unsupported.ts';
import { unreadableVersions } from '../runtime/wishes.ts';
import type { FileView } from './files.ts';
import { findLayer, type Told } from './layer.ts';

export interface CommitLayers extends Told {
  readonly layers: KeptLayer[];
}

/**
 * What was given for a service, with what the files of a commit say: the settings found in them, and the repository's own file.
 * Throws `unreadable_settings` with every mistake in that file or in what does not go together, and as `detect` does.
 */
export function readCommit(
  files: FileView,
  folder: string,
  given: readonly KeptLayer[],
  environments: readonly string[],
): CommitLayers {
  const { layer, ...told } = findLayer(files, folder);
  const layers = withLayer(withFile(files, folder, given, environments), layer);
  const resolved = resolveKept(layers);
  const { settings } = resolved;
  const problems = [...resolved.problems, ...unsupported(settings), ...unreadableVersions(settings.runtime)];
  if (problems.length > 0) throw new TowpathError('unreadable_settings', problems.join('; '));
  return { layers, ...told };
}

function withFile(
  files: FileView,
  folder: string,
  given: readonly KeptLayer[],
  environments: readonly string[],
): KeptLayer[] {
  const others = given.filter((each) => each.kind !== 'repository');
  const name = repositoryFileOf(folder);
  const text = files.read(name);
  if (text === null) {
    const hint = fileNameHint(files.list(folder));
    if (hint !== null) throw new TowpathError('unreadable_settings', hint);
    return others;
  }
  const { values, lines } = readRepositoryFile(text, { name, environments });
  return withLayer(others, { kind: 'repository', name, values, lines: Object.fromEntries(lines) });
}
