import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sourceConformance } from '../conformance.ts';
import { openGitSource } from './git-source.ts';
import { pushCommit, writerOf } from './testing/commits.ts';
import { gitOk, openHost, roomy } from './testing/host.ts';

sourceConformance('git', async () => {
  const host = await openHost();
  const folder = join(host.folder, 'work');
  await mkdir(folder);
  return {
    source: host.source,
    folder,
    attach: () => openGitSource({ dataDir: join(host.folder, 'data'), limits: roomy }),
    push: (repository, commit) => pushCommit(host, repository, commit),
    async tag(repository, name, commit) {
      await gitOk(await writerOf(host, repository), 'push', '--quiet', 'towpath', `${commit}:refs/tags/${name}`);
    },
    async deleteBranch(repository, branch) {
      await gitOk(await writerOf(host, repository), 'push', '--quiet', 'towpath', `:refs/heads/${branch}`);
    },
    close: () => host.close(),
  };
});
