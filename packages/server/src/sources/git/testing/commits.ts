import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceCommit, SourceFile } from '../../conformance-scene.ts';
import { type GitHost, gitOk } from './host.ts';

/** A repository of a person who writes commits without a work tree, so that any name and any kind of entry can be had. */
export async function pushCommit(host: GitHost, repository: string, commit: SourceCommit): Promise<string> {
  const bare = await writerOf(host, repository);
  const ref = `refs/heads/${commit.branch}`;
  const before = await gitOk(bare, 'for-each-ref', '--format=%(objectname)', ref);
  await fastImport(bare, [
    `commit ${ref}\n`,
    `committer ${commit.author ?? 'Ann'} <ann@example.com> 1700000000 +0000\n`,
    data(commit.message ?? 'a change'),
    before === '' ? '' : `from ${before}\n`,
    'deleteall\n',
    ...Object.entries(commit.files ?? {}).map(([path, file]) => entry(path, file)),
  ]);
  await gitOk(bare, 'push', '--quiet', 'towpath', `${ref}:${ref}`);
  return gitOk(bare, 'rev-parse', ref);
}

/** The bare repository of the person who writes here. */
export async function writerOf(host: GitHost, repository: string): Promise<string> {
  const bare = join(host.folder, `${repository.replace('/', '-')}.writer`);
  const exists = await access(bare).then(
    () => true,
    () => false,
  );
  if (!exists) {
    await gitOk(host.folder, 'init', '--quiet', '--bare', bare);
    await gitOk(bare, 'remote', 'add', 'towpath', `${host.url}/${repository}.git`);
  }
  return bare;
}

function entry(path: string, file: SourceFile): string {
  const name = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  if (typeof file === 'string') return `M 100644 inline ${name}\n${data(file)}`;
  if ('executable' in file) return `M 100755 inline ${name}\n${data(file.executable)}`;
  if ('link' in file) return `M 120000 inline ${name}\n${data(file.link)}`;
  return `M 160000 ${file.submodule} ${name}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

async function fastImport(bare: string, stream: readonly string[]): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet', '--force'], {
    cwd: bare,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(stream.join(''));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git fast-import: exit ${code}`);
}
