/**
 * The digest of a folder, and its freezing.
 *
 * The digest is `sha256:` and the SHA-256, in hex, of one line for each entry below the folder, sorted by the bytes of the path. A path is
 * relative, with `/`, in the bytes that the file system gives; every line ends with a zero byte:
 *
 *   directory         `d <path>`
 *   file              `f <SHA-256 of its content, in hex> <path>`, with `x` for `f` when its owner may execute it
 *   symbolic link     `l <path>`, a zero byte, and its target as it is written
 *
 * Times, owners and other permissions don't count, nor does the folder's own `.git`.
 */
import { createHash, hash, randomBytes } from 'node:crypto';
import { constants, createReadStream, type Dirent } from 'node:fs';
import { chmod, copyFile, lstat, readdir, readFile, readlink, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TowpathError } from '@towpath/contract';
import { removeTree } from '../tree.ts';
import { linkRule } from './links.ts';

export interface Listing {
  readonly digest: string;
  /** Of the files' contents. */
  readonly bytes: number;
  readonly files: number;
}

export interface ListingOptions {
  /** The data folder: links must not lead to other parts of it. */
  readonly data: string;
  /** Make all of it read-only and its own: hard links to files elsewhere become copies, `.git` is emptied. */
  readonly freeze: boolean;
}

/** An entry's path: in the system's words and in the listing's. */
interface Place {
  readonly absolute: Buffer;
  readonly path: Buffer;
}
interface Line {
  readonly path: Buffer;
  readonly text: Buffer;
}

/** In the folder's `.git`: which commit was laid out here. Sources look for it before they write anything. */
const keptInGit = 'towpath-commit';
const slash = Buffer.from('/');
/** Larger files are read in pieces. */
const wholeBytes = 1024 * 1024;
/** Files at once: enough to keep the few threads of the file system busy. */
const lanes = 16;

/** Reads the whole folder. Throws `refused_file` for what a bundle must not hold, and the system's errors. */
export async function listFolder(folder: string, options: ListingOptions): Promise<Listing> {
  if (options.freeze) await emptyGit(join(folder, '.git'));
  const found = await walk(folder, options);
  const lines = [...found.lines];
  let bytes = 0;
  const waiting = found.files.values();
  const work = async () => {
    for (const place of waiting) {
      const file = await readOne(place, options.freeze);
      lines.push(file.line);
      bytes += file.bytes;
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  if (options.freeze) await Promise.all(found.folders.map((path) => chmod(path, 0o555)));

  lines.sort((a, b) => Buffer.compare(a.path, b.path));
  const digest = createHash('sha256');
  for (const { text } of lines) digest.update(text);
  return { digest: `sha256:${digest.digest('hex')}`, bytes, files: found.files.length };
}

/** Everything but the content of the files. */
async function walk(folder: string, { data, freeze }: ListingOptions) {
  const refusedLink = await linkRule(folder, data);
  const lines: Line[] = [];
  const files: Place[] = [];
  const folders: Buffer[] = [];

  const visitLink = async ({ absolute, path }: Place) => {
    const target = await readlink(absolute, { encoding: 'buffer' });
    const why = await refusedLink(absolute, target);
    if (why !== null) throw refused(path, `is a link to ${shown(target)}, ${why}`);
    lines.push(line(path, 'l ', path, '\0', target));
  };
  const visitFolder = async (absolute: Buffer, relative: Buffer | null): Promise<void> => {
    folders.push(absolute);
    if (freeze) await chmod(absolute, 0o755);
    const entries = await readdir(absolute, { encoding: 'buffer', withFileTypes: true });
    const deeper: (() => Promise<void>)[] = [];
    for (const entry of entries) {
      if (relative === null && entry.name.toString() === '.git') continue;
      const path = relative === null ? entry.name : Buffer.concat([relative, slash, entry.name]);
      const place = { absolute: Buffer.concat([absolute, slash, entry.name]), path };
      if (entry.isFile()) {
        files.push(place);
      } else if (entry.isSymbolicLink()) {
        deeper.push(() => visitLink(place));
      } else if (entry.isDirectory()) {
        lines.push(line(path, 'd ', path));
        deeper.push(() => visitFolder(place.absolute, path));
      } else {
        throw refused(path, `is ${kindOf(entry)}`);
      }
    }
    await Promise.all(deeper.map((go) => go()));
  };

  await visitFolder(Buffer.from(folder), null);
  return { lines, files, folders };
}

async function readOne({ absolute, path }: Place, freeze: boolean): Promise<{ line: Line; bytes: number }> {
  const { mode, nlink, size } = await lstat(absolute);
  const executable = (mode & 0o100) !== 0;
  if (freeze) {
    if (nlink > 1) await unshare(absolute);
    const frozen = executable ? 0o555 : 0o444;
    if (nlink > 1 || (mode & 0o7777) !== frozen) await chmod(absolute, frozen);
  }
  return { line: line(path, `${executable ? 'x' : 'f'} ${await hashFile(absolute, size)} `, path), bytes: size };
}

async function hashFile(path: Buffer, size: number): Promise<string> {
  if (size <= wholeBytes) return hash('sha256', await readFile(path));
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: wholeBytes }), digest);
  return digest.digest('hex');
}

/** A hard link may be written through its other names (package managers share their stores like that): makes it a file of its own. */
async function unshare(path: Buffer): Promise<void> {
  const copy = Buffer.concat([path, Buffer.from(`.${randomBytes(6).toString('hex')}`)]);
  try {
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    await rename(copy, path);
  } finally {
    await rm(copy, { force: true });
  }
}

/** The history is no part of a bundle; which commit it was made of stays, so that nobody lays out another one here. */
async function emptyGit(git: string): Promise<void> {
  const found = await lstat(git).catch(() => null);
  if (found === null) return;
  if (!found.isDirectory()) return rm(git);
  for (const name of await readdir(git)) {
    if (name !== keptInGit) await rm(join(git, name), { recursive: true }).catch(() => removeTree(join(git, name)));
  }
}

function line(path: Buffer, ...parts: (string | Buffer)[]): Line {
  return { path, text: Buffer.concat([...parts, '\0'].map((part) => Buffer.from(part))) };
}

const kinds = [
  ['isSocket', 'a socket'],
  ['isFIFO', 'a named pipe'],
  ['isBlockDevice', 'a device'],
  ['isCharacterDevice', 'a device'],
] as const;

function kindOf(entry: Dirent<Buffer>): string {
  return kinds.find(([test]) => entry[test]())?.[1] ?? 'of an unknown kind';
}

function refused(path: Buffer, why: string): TowpathError {
  return new TowpathError('refused_file', `${shown(path)} ${why}`);
}

/** For people: as text, in quotes, not longer than a line. */
function shown(path: Buffer): string {
  const text = path.toString();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
