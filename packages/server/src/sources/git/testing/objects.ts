import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { deflateSync } from 'node:zlib';
import { gitOk, personEnv } from './host.ts';

/** An entry of a tree as git stores it: no name is too bad. */
export type TreeEntry = readonly [mode: '100644' | '100755' | '120000' | '160000' | '40000', name: string, id: string];

/** Writes an object that git itself would not make; gives its id. */
export async function writeObject(folder: string, type: 'blob' | 'tree', content: Buffer | string): Promise<string> {
  const child = spawn('git', ['hash-object', '-t', type, '-w', '--literally', '--stdin'], {
    cwd: folder,
    env: personEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let id = '';
  child.stdout.on('data', (piece: Buffer) => {
    id += piece.toString();
  });
  child.stdin.end(content);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git hash-object: exit ${code}`);
  return id.trim();
}

export function writeTree(folder: string, entries: readonly TreeEntry[]): Promise<string> {
  const lines = entries.map(([mode, name, id]) =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  );
  return writeObject(folder, 'tree', Buffer.concat(lines));
}

/** A tree of `width` trees of `width` trees …, `depth` deep, with as many names for one file at the bottom; gives its id. */
export async function writeBomb(folder: string, width: number, depth: number, blob: string): Promise<string> {
  const names = Array.from({ length: width }, (_, at) => `n${String(at).padStart(3, '0')}`);
  let id = await writeTree(
    folder,
    names.map((name) => ['100644', name, blob]),
  );
  for (let at = 1; at < depth; at++) {
    const below = id;
    id = await writeTree(
      folder,
      names.map((name) => ['40000', name, below]),
    );
  }
  return id;
}

/** A commit of that tree, which nothing refers to yet; gives its id. */
export function commitTree(folder: string, tree: string): Promise<string> {
  return gitOk(folder, 'commit-tree', tree, '-m', 'evil');
}

/** The body of a push of one pack to one branch: a blob of one byte, and a difference to it that claims to come to `bytes`. */
export function deltaBomb(bytes: number): Buffer {
  const base = Buffer.from('x');
  const id = createHash('sha1').update('blob 1\0x').digest();
  const delta = Buffer.concat([amount(1), amount(bytes), Buffer.from([0x90, 1])]);
  const pack = Buffer.concat([
    Buffer.from('PACK'),
    Buffer.from([0, 0, 0, 2, 0, 0, 0, 2]),
    Buffer.from([(3 << 4) | base.length]),
    deflateSync(base),
    Buffer.from([(7 << 4) | delta.length]),
    id,
    deflateSync(delta),
  ]);
  return Buffer.concat([branchList(1), pack, createHash('sha1').update(pack).digest()]);
}

/** How the body of a push begins: so many new branches. */
export function branchList(count: number): Buffer {
  const lines = Array.from({ length: count }, (_, at) => {
    const asked = at === 0 ? '\0 report-status side-band-64k' : '';
    const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/b${at}${asked}`;
    return `${(line.length + 4).toString(16).padStart(4, '0')}${line}`;
  });
  return Buffer.from(`${lines.join('')}0000`);
}

/** As git writes sizes: seven bits a byte, the lowest first. */
function amount(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) return Buffer.from(bytes);
  }
}
