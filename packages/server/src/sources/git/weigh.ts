import { TowpathError } from '@towpath/contract';
import { runGit } from './git.ts';
import { type Mirrors, mirrorPath } from './mirror.ts';

/** What a commit comes to when its files are laid out. */
export interface Weight {
  files: number;
  bytes: number;
  /** Of the longest path, in bytes. */
  path: number;
}

const tab = 9;

/**
 * Reads what `ls-tree -r -l -z` prints, `<mode> <type> <id> <size>\t<name>\0`, in pieces of any size: give it each piece. Names are not
 * kept, however long they are.
 */
export function weightReader(weight: Weight): (piece: Buffer) => void {
  let head = '';
  let name = 0;
  let inName = false;
  return (piece) => {
    for (let at = 0; at < piece.length; ) {
      const end = piece.indexOf(inName ? 0 : tab, at);
      const stop = end < 0 ? piece.length : end;
      if (inName) {
        name += stop - at;
        weight.path = Math.max(weight.path, name);
      } else head += piece.toString('latin1', at, stop);
      if (end < 0) return;
      if (!inName) {
        weight.files++;
        weight.bytes += Number(/ (\d+)$/.exec(head)?.[1] ?? 0);
        head = '';
        name = 0;
      }
      inName = !inName;
      at = end + 1;
    }
  };
}

/** To ask for the size of each of so many files takes seconds: their number is then counted beside it, in a fraction of that. */
const many = 20_000;
/** With the folder that it comes to lie in, the system takes twice as much; programs take less. */
const longestPath = 2_000;
const weighMs = 30 * 60_000;

/**
 * Goes with the work on a commit's files, which `over` ends when they are too many or too large: ten small trees that hold each other ten
 * times over are ten thousand million files. Throws `too_large`.
 */
export async function weigh(
  mirrors: Mirrors,
  repository: string,
  commit: string,
  over: AbortController,
): Promise<void> {
  const { commitFiles, commitBytes } = mirrors.limits;
  const refuse = (what: string) => over.abort(tooLarge(`${commit.slice(0, 7)} ${what}`));
  const list = async (options: readonly string[], seen: (files: number) => void) => {
    const weight = { files: 0, bytes: 0, path: 0 };
    const read = weightReader(weight);
    const each = (piece: Buffer) => {
      read(piece);
      if (over.signal.aborted) return;
      if (weight.files > commitFiles) refuse(`has more files than a commit may have: ${commitFiles}`);
      else if (weight.bytes > commitBytes) refuse(`comes to more than the files of a commit may: ${commitBytes} bytes`);
      else if (weight.path > longestPath) refuse(`has a path of more than ${longestPath} bytes`);
      else seen(weight.files);
    };
    const argv = [`--git-dir=${mirrorPath(mirrors, repository)}`, 'ls-tree', '-r', '-z', ...options, commit];
    await runGit(mirrors.git, argv, { each, signal: over.signal, timeoutMs: weighMs });
  };
  let counting: Promise<void> | null = null;
  await list(['-l'], (files) => {
    // What it misses, the other counts.
    if (files > many) counting ??= list([], () => {}).catch(() => {});
  });
  await counting;
  over.signal.throwIfAborted();
}

const tooLarge = (what: string): TowpathError =>
  new TowpathError('too_large', what, { help: 'Keep out of git what is made by a program, and what is large.' });
