import { type FileView, glance } from './files.ts';
import type { Notice } from './found.ts';

/** What git keeps elsewhere and a checkout does not bring, seen from the top of the repository. */
export function notFetched(repository: FileView): Notice[] {
  const found: Notice[] = [];
  if (repository.exists('.gitmodules')) {
    found.push({
      text: 'Submodules are not fetched: their folders are empty',
      origin: '.gitmodules',
      help: 'Let a package manager bring what they hold, or commit it: git subtree add',
    });
  }
  if (glance(repository, '.gitattributes')?.includes('filter=lfs')) {
    found.push({
      text: 'Files that Git LFS keeps are not fetched: they stay pointers of three lines',
      origin: '.gitattributes',
      help: 'Commit what the service needs, or let its build fetch it from where it is kept.',
    });
  }
  return found;
}
