import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, succeed } from './program.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Parts that stay: replacing the router is another story, and what it says is read by all of them. */
const same = ['router', 'contract'];

/**
 * Puts server, supervisor and command line of the commit before this one into a folder, ready to run with the router and the libraries of
 * this tree. Where that does not work (no clone, one of a single commit, other wire types), they are this tree's own under another
 * version. Answers with what it is.
 */
export async function earlierTree(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const git = (...argv: string[]) => start('git', argv, { cwd: root, env }).ended;
  const { code, stdout } = await git('rev-parse', '--verify', 'HEAD~1');
  const commit = stdout.trim();
  const usable =
    code === 0 &&
    existsSync(join(root, '.git')) &&
    (await git('diff', '--quiet', commit, '--', 'packages/contract')).code === 0;
  mkdirSync(folder);
  if (usable) {
    const archive = `${folder}.tar`;
    const files = ['packages', 'package.json', 'package-lock.json'];
    await succeed('git', ['archive', `--output=${archive}`, commit, ...files], { cwd: root, env });
    await succeed('tar', ['-xf', archive, '-C', folder], { cwd: folder, env });
  } else copyWithOtherVersion(folder);
  for (const name of same) {
    rmSync(join(folder, 'packages', name), { recursive: true });
    symlinkSync(join(root, 'packages', name), join(folder, 'packages', name));
  }
  linkLibraries(folder);
  return usable ? `commit ${commit.slice(0, 7)}` : 'this tree under another version';
}

function copyWithOtherVersion(folder: string): void {
  for (const name of ['packages', 'package.json', 'package-lock.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  for (const name of readdirSync(join(folder, 'packages'))) {
    const manifest = join(folder, 'packages', name, 'package.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/"version": "[^"]+"/, '"version": "0.0.1"'));
  }
}

/** The same libraries; of the workspace's own packages, those of the folder. */
function linkLibraries(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@towpath'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@towpath' && !name.startsWith('.'))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(folder, 'packages'))) {
    symlinkSync(join('../../packages', name), join(modules, '@towpath', name));
  }
}
